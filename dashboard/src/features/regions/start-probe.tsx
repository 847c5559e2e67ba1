import { CodeBlock } from "@/ui/code-block";
import { command } from "./command";

/** How the first probe of a region is started. */
export function StartProbe({ region }: { region: string }) {
  return (
    <CodeBlock
      className="mt-4"
      label="Start a probe"
      text={command(region)}
      note="Use the address of the Redis server that the control plane uses."
    />
  );
}
