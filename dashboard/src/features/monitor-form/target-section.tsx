import { useWatch } from "react-hook-form";
import { KINDS } from "@/domain/kind";
import { hostOf } from "@/lib/address";
import { useTags } from "@/live/use-live";
import { Card } from "@/ui/card";
import { TagInput } from "@/ui/tag-input";
import { TextField } from "@/ui/text-field";
import { useKind, useText, useValue } from "./fields";
import { Row, Stack } from "./section";
import type { MonitorValues } from "./values";

/** Said while there is no address. */
const KIND_CHOICE = `The address says how it is checked: ${Object.values(KINDS)
  .map(({ example, title }) => `${example} is ${title.charAt(0).toLowerCase()}${title.slice(1)}`)
  .join("; ")}.`;

/** What is watched. The address alone is enough. */
export function TargetSection({ edited }: { edited: boolean }) {
  const url = useWatch<MonitorValues, "url">({ name: "url" });
  const kind = useKind();
  const tags = useValue("tags");
  const known = useTags();
  return (
    <Card title="Target" description={url.trim() ? `${KINDS[kind].title}.` : KIND_CHOICE}>
      <Stack>
        <TextField
          {...useText("url")}
          label="Address"
          type="url"
          inputMode="url"
          placeholder="https://example.com/"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={!edited}
          hint={
            edited
              ? "Probes must be able to reach it."
              : "Probes must be able to reach it. This is all you need to fill in."
          }
        />
        <Row>
          <TextField
            {...useText("name")}
            label="Name"
            optional
            placeholder={hostOf(url) || "The host of the address"}
            autoComplete="off"
          />
          <TagInput
            label="Tags"
            suggestions={known}
            optional
            value={tags.value}
            onValueChange={tags.set}
            onBlur={tags.onBlur}
            error={tags.error}
            placeholder="production, shop"
            hint="Enter or a comma adds one."
          />
        </Row>
      </Stack>
    </Card>
  );
}
