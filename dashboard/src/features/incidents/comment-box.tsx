import { type FormEvent, useState } from "react";
import { useComment } from "@/api/queries/incidents";
import { useMay } from "@/api/roles";
import { sentence } from "@/lib/errors";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { TextArea } from "@/ui/text-area";

const MOST = 2_000;

/** Somebody says something about an incident; what is typed stays until it has arrived. */
export function CommentBox({ id }: { id: string }) {
  const { may, whyNot } = useMay("editor");
  const [text, setText] = useState("");
  const comment = useComment(id);
  const length = [...text.trim()].length;
  if (!may) return whyNot ? <p className="mt-5 border-line border-t pt-4 text-muted text-sm">{whyNot}</p> : null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (length === 0 || length > MOST || comment.isPending) return;
    comment.mutate(text.trim(), { onSuccess: () => setText("") });
  };
  return (
    <form onSubmit={send} className="mt-5 border-line border-t pt-4">
      <TextArea
        label="Comment"
        value={text}
        placeholder="What was found, what was done, what is next"
        error={
          comment.isError
            ? sentence(comment.error)
            : length > MOST
              ? "Make it shorter: 2,000 characters at most."
              : null
        }
        onChange={(event) => setText(event.target.value)}
      />
      <div className="mt-2 flex items-center justify-between gap-3">
        <span className={cn("text-xs tabular-nums", length > MOST ? "text-down-text" : "text-muted")}>
          {length.toLocaleString()} of {MOST.toLocaleString()}
        </span>
        <Button type="submit" disabled={length === 0 || length > MOST} busy={comment.isPending}>
          Add comment
        </Button>
      </div>
    </form>
  );
}
