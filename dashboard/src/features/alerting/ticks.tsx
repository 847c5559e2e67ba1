import { type ReactNode, useId } from "react";
import type { Channel, Level } from "@/api/types";
import { CHANNEL } from "@/domain/channel";
import { LEVEL_ORDER, levelLook } from "@/domain/level";
import { LEVEL_MEANS } from "@/domain/level-help";
import { whyNotWords } from "@/domain/why-not";
import { Checkbox } from "@/ui/choices";
import { FieldNotes } from "@/ui/field";
import { TextLink } from "@/ui/link-button";

interface GroupProps {
  title: string;
  error?: string;
  children: ReactNode;
}

function Group({ title, error, children }: GroupProps) {
  const id = useId();
  return (
    <fieldset aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-2.5 font-medium text-sm">{title}</legend>
      <div className="flex flex-col gap-2.5">{children}</div>
      <div className="mt-1.5">
        <FieldNotes id={id} error={error} />
      </div>
    </fieldset>
  );
}

interface ChannelTicksProps {
  channels: readonly Channel[];
  value: readonly string[];
  error?: string;
  onChange: (ids: string[]) => void;
}

/** The channels a policy tells. */
export function ChannelTicks({ channels, value, error, onChange }: ChannelTicksProps) {
  const toggle = (id: string, on: boolean) => onChange(on ? [...value, id] : value.filter((other) => other !== id));
  return (
    <Group title="Channels" error={error}>
      {channels.length === 0 ? (
        <p className="text-muted">
          There are none yet. <TextLink to="/alerting">Add a channel</TextLink> first.
        </p>
      ) : null}
      {channels.map((channel) => (
        <Checkbox
          key={channel.id}
          label={channel.name}
          hint={channel.able ? CHANNEL[channel.kind].title : `${CHANNEL[channel.kind].title}: ${whyNotWords(channel)}`}
          checked={value.includes(channel.id)}
          onCheckedChange={(on) => toggle(channel.id, on)}
        />
      ))}
    </Group>
  );
}

interface LevelTicksProps {
  value: readonly Level[];
  error?: string;
  onChange: (levels: Level[]) => void;
}

/** The levels that are sent; all others are only shown. */
export function LevelTicks({ value, error, onChange }: LevelTicksProps) {
  const toggle = (level: Level, on: boolean) =>
    onChange(on ? [...value, level] : value.filter((other) => other !== level));
  return (
    <Group title="What is sent" error={error}>
      {LEVEL_ORDER.map((level) => (
        <Checkbox
          key={level}
          label={levelLook(level).word}
          hint={LEVEL_MEANS[level]}
          checked={value.includes(level)}
          onCheckedChange={(on) => toggle(level, on)}
        />
      ))}
    </Group>
  );
}
