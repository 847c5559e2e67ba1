/** Every reason the system knows, as people say it. */
import type { Diagnosis, Reason } from "@/api/types";

export interface ReasonLook {
  /** A few words, as a label. */
  title: string;
  /** What happened, in a sentence. */
  sentence: string;
  /** What to look at first. */
  hint: string;
}

export const REASON: Record<Reason, ReasonLook> = {
  dns: look("Name not found", "The name has no address.", "Check the DNS records of the host."),
  refused_address: look(
    "Address not allowed",
    "The name leads to an address that probes may not visit.",
    "Use a public address, or allow this one on the probes.",
  ),
  connect: look(
    "Connection failed",
    "The server refused the connection, reset it, or could not be reached.",
    "Check that the server runs and that its firewall lets probes in.",
  ),
  tls_expired: look(
    "Certificate expired",
    "The certificate is past its end, or before its start.",
    "Renew the certificate, or mend the server's clock.",
  ),
  tls_untrusted: look(
    "Certificate not trusted",
    "Nobody we trust signed the certificate.",
    "Serve the whole chain, or add your authority to the monitor.",
  ),
  tls_hostname: look(
    "Certificate for another name",
    "The certificate does not name this host.",
    "Issue a certificate that names the host.",
  ),
  tls: look(
    "TLS failed",
    "The encrypted connection could not be set up.",
    "Check the server's TLS versions and ciphers.",
  ),
  timeout_dns: look(
    "Timeout in DNS",
    "Time ran out while looking up the name.",
    "Check the name servers of the domain.",
  ),
  timeout_connect: look(
    "Timeout connecting",
    "Time ran out before the server took the connection.",
    "Check the firewall and the load of the server.",
  ),
  timeout_tls: look("Timeout in TLS", "Time ran out while setting up encryption.", "Check the load of the server."),
  timeout_response: look(
    "Timeout waiting",
    "Time ran out before the server began to answer.",
    "Look at what the application waits for.",
  ),
  timeout_body: look(
    "Timeout reading",
    "The server began to answer but did not finish in time.",
    "Look for slow or very large answers.",
  ),
  redirect: look(
    "Too many redirects",
    "The redirects are too many, or lead nowhere.",
    "Follow the redirects by hand and look for a loop.",
  ),
  status: look(
    "Unexpected status",
    "The server answered with a status that was not expected.",
    "Look at the response, or change the expected statuses.",
  ),
  body: look(
    "Unexpected body",
    "The body lacks text it should have, or has text it should not.",
    "Compare the body below with what the monitor expects.",
  ),
  header: look(
    "Unexpected header",
    "A response header is not as expected.",
    "Compare the response head with the monitor.",
  ),
  latency: look("Too slow", "It answered correctly, but slower than asked.", "See which phase takes the time."),
  protocol: look(
    "Broken answer",
    "The server does not speak HTTP, or broke off.",
    "Check that the port is right and what stands before the server.",
  ),
  certificate_days: look("Certificate ends soon", "The certificate ends soon.", "Renew the certificate."),
  answer: look("Unexpected DNS answer", "A DNS answer is not as expected.", "Check the records of the name."),
  icmp: look("No echo", "The host did not answer the ping.", "Check that the host lets ping through."),
  heartbeat: look("No heartbeat", "No heartbeat came in on time.", "Check the job that should send it."),
  unsupported: look(
    "Not supported",
    "The probe does not know this kind of check.",
    "Update the probes of this region.",
  ),
  no_probe: look("No probe", "No probe of the region took the check.", "Check that the region's probes run."),
  late: look(
    "Too late",
    "A probe took the check too late to run it.",
    "Add probes to the region, or look at its load.",
  ),
  scheduler: look(
    "Not scheduled",
    "The control plane did not hand out the check in time.",
    "Look at the control plane.",
  ),
  backpressure: look(
    "Results piled up",
    "Results were not read fast enough, so checks were held back.",
    "Look at the load of the control plane and PostgreSQL.",
  ),
  crashed: look("Probe crashed", "The check crashed its probe three times.", "Look at the probe's log, and report it."),
};

function look(title: string, sentence: string, hint: string): ReasonLook {
  return { title, sentence, hint };
}

function isReason(word: string): word is Reason {
  return Object.hasOwn(REASON, word);
}

export function reasonTitle(reason: Reason | null): string {
  return reason === null ? "" : REASON[reason].title;
}

/** The same within a sentence: "connection failed", "TLS failed". */
export function reasonWords(reason: Reason | null): string {
  return lower(reasonTitle(reason));
}

const DIAGNOSIS: Record<Diagnosis, string> = {
  network: "The probe's own network fails, so its result does not count.",
  clock: "The probe's clock is off, so its result does not count.",
};

export function diagnosisSentence(diagnosis: Diagnosis): string {
  return DIAGNOSIS[diagnosis];
}

const VERDICTS: Record<string, string> = { up: "Up", degraded: "Degraded", down: "Down", missed: "Not checked" };

/** A region's why as the verdict gives it, with the system's words said in plain ones. */
export function plainWhy(why: string): string {
  const told = why
    .replace(/^nobody looked: ([a-z_]+)/, (_, word: string) =>
      isReason(word) ? `not checked: ${lower(REASON[word].title)}` : "not checked",
    )
    .replace(/^([a-z_]+)(?=$|[:,])/, (word) => plainWord(word));
  return told.charAt(0).toUpperCase() + told.slice(1);
}

function plainWord(word: string): string {
  return isReason(word) ? REASON[word].title : (VERDICTS[word] ?? word);
}

function lower(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
