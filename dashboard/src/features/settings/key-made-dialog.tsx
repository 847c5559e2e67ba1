import type { NewApiKey } from "@/api/types";
import { CodeBlock } from "@/ui/code-block";
import { OnceDialog } from "@/ui/once-dialog";
import { scrapeConfig } from "./scrape-config";

/** A new key, this once. */
export function KeyMadeDialog({ made, close }: { made: NewApiKey | null; close: () => void }) {
  return (
    <OnceDialog
      shown={made}
      close={close}
      title="Copy the key now"
      description="It is shown this once: nobody can look it up later."
    >
      {({ name, key, scopes }) => (
        <div className="flex flex-col gap-4">
          <CodeBlock label={`Key ${name}`} text={key} />
          {scopes.includes("metrics") ? (
            <CodeBlock label="prometheus.yml" text={scrapeConfig(window.location.origin, key)} />
          ) : null}
        </div>
      )}
    </OnceDialog>
  );
}
