/** Every reason the system knows, in a few words. */
import type { Reason } from "@/api/types";

export const REASON_TITLE: Record<Reason, string> = {
  dns: "Name not found",
  refused_address: "Address not allowed",
  connect: "Connection failed",
  tls_expired: "Certificate expired",
  tls_untrusted: "Certificate not trusted",
  tls_hostname: "Certificate for another name",
  tls: "TLS failed",
  timeout_dns: "Timeout in DNS",
  timeout_connect: "Timeout connecting",
  timeout_tls: "Timeout in TLS",
  timeout_response: "Timeout waiting",
  timeout_body: "Timeout reading",
  redirect: "Too many redirects",
  status: "Unexpected status",
  body: "Unexpected body",
  header: "Unexpected header",
  latency: "Too slow",
  protocol: "Broken answer",
  certificate_days: "Certificate ends soon",
  answer: "Unexpected answer",
  icmp: "No echo",
  heartbeat: "No heartbeat",
  unsupported: "Not supported",
  no_probe: "No probe",
  late: "Too late",
  scheduler: "Not scheduled",
  backpressure: "Results piled up",
  crashed: "Probe crashed",
};

export function reasonTitle(reason: Reason | null): string {
  return reason === null ? "" : REASON_TITLE[reason];
}

/** The same within a sentence: "connection failed", "TLS failed". */
export function reasonWords(reason: Reason | null): string {
  const title = reasonTitle(reason);
  return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}
