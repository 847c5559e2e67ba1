import { useState } from "react";
import type { NewApiKey } from "@/api/types";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { Dialog } from "@/ui/dialog";
import { scrapeConfig } from "./scrape-config";

/** A new key, this once. */
export function KeyMadeDialog({ made, close }: { made: NewApiKey | null; close: () => void }) {
  // What is shown while the dialog fades is what it showed.
  const [last, setLast] = useState(made);
  if (made && made !== last) setLast(made);
  const shown = made ?? last;
  return (
    <Dialog
      open={made !== null}
      onOpenChange={(open) => open || close()}
      insistent
      title="Copy the key now"
      description="It is shown this once: nobody can look it up later."
      footer={
        <Button variant="primary" onClick={close}>
          I have copied it
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <CodeBlock label={`Key ${shown?.name ?? ""}`} text={shown?.key ?? ""} />
        {shown?.scopes.includes("metrics") ? (
          <CodeBlock label="prometheus.yml" text={scrapeConfig(window.location.origin, shown.key)} />
        ) : null}
      </div>
    </Dialog>
  );
}
