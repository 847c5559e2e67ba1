import type { ReactNode } from "react";
import type { Evidence } from "@/api/types";
import { CodeBlock } from "@/ui/code-block";
import { Ago, Moment } from "@/ui/time";

/** What a failing check sent and saw, as far as it got. */
export function EvidenceView({ evidence }: { evidence: Evidence }) {
  const { request, response_head, body, body_cut, certificate } = evidence;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {request ? <CodeBlock label="Request" text={request} /> : null}
      {response_head ? <CodeBlock label="Response head" text={response_head} /> : null}
      {response_head || body ? null : <p className="text-muted">There was no response.</p>}
      {body ? (
        <CodeBlock
          label={response_head ? "Body" : "Answer"}
          text={body}
          note={body_cut ? "Only its beginning was kept." : undefined}
        />
      ) : null}
      {response_head && !body ? <p className="text-muted">The body was empty, or not read.</p> : null}
      {certificate ? <CertificateView certificate={certificate} /> : null}
    </div>
  );
}

/** The certificate the server presented. */
export function CertificateView({ certificate }: { certificate: NonNullable<Evidence["certificate"]> }) {
  const { subject, issuer, not_before, not_after, names } = certificate;
  return (
    <section className="rounded-lg border border-line bg-sunken p-3">
      <h3 className="mb-2 font-medium text-muted text-xs">Certificate</h3>
      <dl className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[6rem_minmax(0,1fr)]">
        <Line name="For">{names.length > 0 ? names.join(", ") : subject}</Line>
        <Line name="Subject">{subject}</Line>
        <Line name="Signed by">{issuer}</Line>
        <Line name="From">
          <Moment at={not_before} />
        </Line>
        <Line name="Until">
          <Moment at={not_after} /> (<Ago at={not_after} />)
        </Line>
      </dl>
    </section>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  );
}
