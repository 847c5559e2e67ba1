import { type ComponentType, lazy, Suspense, useState } from "react";
import { patiently } from "@/lib/patiently";

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;

/**
 * An overlay whose code is fetched once the page has nothing better to do, at the latest when it opens first: no page
 * waits for what it does not show, and a question before leaving can still be asked when the connection is gone.
 */
export function whenOpened<Props extends object & { open?: boolean }>(load: Load<Props>): ComponentType<Props> {
  const Overlay = lazy(() => patiently(load)) as unknown as ComponentType<Props>;
  if ("requestIdleCallback" in globalThis) requestIdleCallback(() => void load().catch(() => undefined));
  return function WhenOpened(props: Props) {
    // What is there only while it is open need not say so.
    const { open = true } = props;
    const [wanted, want] = useState(open);
    if (open && !wanted) want(true);
    return wanted ? (
      <Suspense fallback={null}>
        <Overlay {...props} />
      </Suspense>
    ) : null;
  };
}
