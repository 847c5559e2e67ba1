/** Why a channel cannot be told anything, within a sentence. */
import type { Channel } from "@/api/types";

type Code = NonNullable<Channel["why_not_code"]>;

const WORDS: Record<Exclude<Code, "unreadable">, string> = {
  disabled: "the channel is switched off",
  no_mail_server: "this installation has no mail server (smtp.host)",
  unconfirmed: "no reader has confirmed their address yet",
};

/** Why settings cannot be read, only the server can say. */
export function whyNotWords({ why_not, why_not_code: code }: Pick<Channel, "why_not" | "why_not_code">): string {
  return code === null || code === "unreadable" ? (why_not ?? "") : WORDS[code];
}
