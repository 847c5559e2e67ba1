import { setNonce } from "get-nonce";

/** The nonce of this page, for the few libraries that insert a style element. */
export function cspNonce(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content || undefined;
}

export function passNonceOn(): void {
  const nonce = cspNonce();
  if (nonce) setNonce(nonce);
}
