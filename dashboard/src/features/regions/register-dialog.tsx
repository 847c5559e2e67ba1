import { useState } from "react";
import { useRegisterRegion } from "@/api/queries/regions";
import { refusalOf } from "@/domain/refusal";
import { Switch } from "@/ui/choices";
import { FormDialog } from "@/ui/form-dialog";
import { TextField } from "@/ui/text-field";
import { toast } from "@/ui/toast";

/** Registers a region ahead of its first probe. */
export function RegisterDialog({ open, close }: { open: boolean; close: () => void }) {
  const [id, setId] = useState("");
  const [isolated, setIsolated] = useState(false);
  const register = useRegisterRegion();
  const { fields, whole } = refusalOf(register.error, { id: "The name" });
  const save = () => {
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
  return (
    <FormDialog
      open={open}
      title="Register a region"
      description="A region registers itself with its first probe. By hand you can do it before, or mark it isolated."
      confirm="Register"
      problem={whole}
      busy={register.isPending}
      incomplete={id.trim() === ""}
      close={close}
      save={save}
    >
      <TextField
        label="Name"
        hint="Small letters, digits and hyphens: eu-west. Probes carry it as REGION_ID."
        value={id}
        error={fields.id}
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
    </FormDialog>
  );
}
