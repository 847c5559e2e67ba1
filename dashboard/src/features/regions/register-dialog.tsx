import { type FormEvent, useId, useState } from "react";
import { fieldErrors, sentence } from "@/api/errors";
import { useRegisterRegion } from "@/api/queries/regions";
import { Button } from "@/ui/button";
import { Switch } from "@/ui/choices";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/text-field";
import { toast } from "@/ui/toast";

/** Registers a region ahead of its first probe. */
export function RegisterDialog({ open, close }: { open: boolean; close: () => void }) {
  const form = useId();
  const [id, setId] = useState("");
  const [isolated, setIsolated] = useState(false);
  const register = useRegisterRegion();
  const errors = fieldErrors(register.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (register.isPending) return;
    register.mutate(
      { id: id.trim(), isolated },
      {
        onSuccess: (region) => {
          setId("");
          close();
          toast({ title: `${region.id} is registered`, description: "Its checks are expected from now on." });
        },
      },
    );
  };
  const whole = register.isError && !errors.id ? sentence(register.error) : null;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || close()}
      title="Register a region"
      description="A region registers itself with its first probe. By hand you can do it before, or mark it isolated."
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={register.isPending} disabled={id.trim() === ""}>
            Register
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
        {whole ? (
          <p role="alert" className="text-down-text">
            {whole}
          </p>
        ) : null}
        <TextField
          label="Name"
          hint="Small letters, digits and hyphens: eu-west. Probes carry it as REGION_ID."
          value={id}
          error={errors.id}
          maxLength={63}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setId(event.target.value)}
        />
        <Switch
          label="Isolated"
          hint="Its probes read a stream of their own, and can see no other region's jobs."
          checked={isolated}
          onCheckedChange={setIsolated}
        />
      </form>
    </Dialog>
  );
}
