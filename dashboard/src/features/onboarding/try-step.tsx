import { Play } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useRegions } from "@/api/queries/regions";
import { useTry } from "@/api/queries/try";
import { isAddress } from "@/domain/kind";
import { problemText } from "@/domain/server-sentences";
import { hostOf, withScheme } from "@/lib/address";
import { sentence } from "@/lib/errors";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { TextField } from "@/ui/text-field";
import { KeepStep } from "./keep-step";
import { TryFindings } from "./try-findings";

interface TryStepProps {
  /** A monitor was made of it. */
  created: (id: string) => void;
  /** Whether there are answers to see. */
  seen: (seen: boolean) => void;
}

/** One field: what is typed is checked at once, without being saved. */
export function TryStep({ created, seen }: TryStepProps) {
  const [url, setUrl] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [tried, setTried] = useState<string | null>(null);
  const regions = useRegions();
  const { run, clear, ...state } = useTry();
  const names = (regions.data?.items ?? []).filter((region) => region.registered).map((region) => region.id);
  const change = (text: string) => {
    setUrl(text);
    setWrong(null);
    if (tried !== null) clear();
    setTried(null);
    seen(false);
  };
  const start = async (event: FormEvent) => {
    event.preventDefault();
    const address = withScheme(url);
    if (!isAddress(address))
      return setWrong(url.trim() ? "This is no address: write it like https://example.com/." : "Write an address.");
    setTried(address);
    const failed = await run({ name: hostOf(address), url: address }, names);
    seen(failed === null);
    const refusal = failed?.errors[0];
    if (refusal) setWrong(problemText(refusal.detail, "The address"));
  };
  return (
    <Card>
      <form noValidate onSubmit={start} className="flex flex-col gap-3 sm:flex-row sm:items-start">
        <TextField
          className="flex-1"
          label="Address"
          type="url"
          inputMode="url"
          placeholder="https://example.com/"
          autoComplete="url"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={url}
          error={wrong}
          onChange={(event) => change(event.target.value)}
        />
        <Button
          type="submit"
          variant={state.parts.length > 0 ? "secondary" : "primary"}
          busy={state.busy}
          icon={<Play aria-hidden />}
          className="sm:mt-[1.625rem]"
        >
          {state.parts.length > 0 ? "Run again" : "Run"}
        </Button>
      </form>
      {tried === null || wrong ? null : (
        <TryFindings state={state} noRegions={regions.isSuccess && names.length === 0} />
      )}
      {tried === null || wrong || state.busy ? null : <KeepStep url={tried} created={created} />}
      {regions.isError && tried === null ? <p className="mt-3 text-muted text-sm">{sentence(regions.error)}</p> : null}
    </Card>
  );
}
