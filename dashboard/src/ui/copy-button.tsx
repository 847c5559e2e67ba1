import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "./copy-text";
import { IconButton } from "./icon-button";
import { toast } from "./toast";

interface CopyButtonProps {
  text: string;
  /** What is copied: "Copy the id". */
  label: string;
  className?: string;
}

/** Copies, and says so. */
export function CopyButton({ text, label, className }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(text)) setCopied(true);
    else toast({ tone: "failed", title: "Copying did not work", description: "Select the text and copy it by hand." });
  };
  return (
    <>
      <IconButton
        label={label}
        size="sm"
        className={className}
        icon={copied ? <Check aria-hidden className="text-up-text" /> : <Copy aria-hidden />}
        onClick={copy}
      />
      <span role="status" className="sr-only">
        {copied ? "Copied" : ""}
      </span>
    </>
  );
}
