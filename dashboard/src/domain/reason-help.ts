/** What each reason means, and what to look at first: for whoever looks closer. */
import type { Reason } from "@/api/types";

interface ReasonHelp {
  /** What happened, in a sentence. */
  sentence: string;
  /** What to look at first. */
  hint: string;
}

export const REASON_HELP: Record<Reason, ReasonHelp> = {
  dns: { sentence: "The name has no address.", hint: "Check the DNS records of the host." },
  refused_address: {
    sentence: "The name leads to an address that probes may not visit.",
    hint: "Use a public address, or allow this one on the probes.",
  },
  connect: {
    sentence: "The server refused the connection, reset it, or could not be reached.",
    hint: "Check that the server runs and that its firewall lets probes in.",
  },
  tls_expired: {
    sentence: "The certificate is past its end, or before its start.",
    hint: "Renew the certificate, or mend the server's clock.",
  },
  tls_untrusted: {
    sentence: "Nobody we trust signed the certificate.",
    hint: "Serve the whole chain, or add your authority to the monitor.",
  },
  tls_hostname: {
    sentence: "The certificate does not name this host.",
    hint: "Issue a certificate that names the host.",
  },
  tls: {
    sentence: "The encrypted connection could not be set up.",
    hint: "Check the server's TLS versions and ciphers.",
  },
  timeout_dns: { sentence: "Time ran out while looking up the name.", hint: "Check the name servers of the domain." },
  timeout_connect: {
    sentence: "Time ran out before the server took the connection.",
    hint: "Check the firewall and the load of the server.",
  },
  timeout_tls: { sentence: "Time ran out while setting up encryption.", hint: "Check the load of the server." },
  timeout_response: {
    sentence: "Time ran out before the server began to answer.",
    hint: "Look at what the application waits for.",
  },
  timeout_body: {
    sentence: "The server began to answer but did not finish in time.",
    hint: "Look for slow or very large answers.",
  },
  redirect: {
    sentence: "The redirects are too many, or lead nowhere.",
    hint: "Follow the redirects by hand and look for a loop.",
  },
  status: {
    sentence: "The server answered with a status that was not expected.",
    hint: "Look at the response, or change the expected statuses.",
  },
  body: {
    sentence: "The body lacks text it should have, or has text it should not.",
    hint: "Compare the body below with what the monitor expects.",
  },
  header: { sentence: "A response header is not as expected.", hint: "Compare the response head with the monitor." },
  latency: { sentence: "It answered correctly, but slower than asked.", hint: "See which phase takes the time." },
  protocol: {
    sentence: "The server does not speak the protocol, or broke off.",
    hint: "Check that the port is right and what stands before the server.",
  },
  certificate_days: { sentence: "The certificate ends soon.", hint: "Renew the certificate." },
  answer: { sentence: "The server answered something else.", hint: "Compare the answer with the monitor." },
  icmp: { sentence: "The host did not answer the ping.", hint: "Check that the host lets ping through." },
  heartbeat: { sentence: "No heartbeat came in on time.", hint: "Check the job that should send it." },
  unsupported: {
    sentence: "The probe cannot check this.",
    hint: "The detail says what it cannot speak. Update the region's probes if they are old.",
  },
  no_probe: { sentence: "No probe of the region took the check.", hint: "Check that the region's probes run." },
  late: {
    sentence: "A probe took the check too late to run it.",
    hint: "Add probes to the region, or look at its load.",
  },
  scheduler: { sentence: "The control plane did not hand out the check in time.", hint: "Look at the control plane." },
  backpressure: {
    sentence: "Results were not read fast enough, so checks were held back.",
    hint: "Look at the load of the control plane and PostgreSQL.",
  },
  crashed: { sentence: "The check crashed its probe three times.", hint: "Look at the probe's log, and report it." },
};
