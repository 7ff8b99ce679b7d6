/** What is known of a certificate. */
export interface CertificateFacts {
  /** Lower-case names it is for. */
  domains: readonly string[];
  /** Epoch milliseconds. */
  validFrom: number;
  validUntil: number;
  /** Nobody but this server vouches for it. */
  isTemporary: boolean;
}

/** Authorities that give ninety days recommend to renew this long before. */
const RENEW_BEFORE_MS = 30 * 24 * 60 * 60 * 1_000;
/** Of the lifetime, for certificates that live shorter. */
const RENEW_BEFORE_SHARE = 1 / 3;

/** Whether another certificate is to be asked for: there is none, it is for other names, or it ends soon. */
export function isRenewalDue(
  facts: CertificateFacts | undefined,
  domains: readonly string[],
  now: number,
): boolean {
  if (!facts || facts.isTemporary || domains.some((domain) => !facts.domains.includes(domain))) return true;
  const lifetimeMs = facts.validUntil - facts.validFrom;
  return now >= facts.validUntil - Math.min(RENEW_BEFORE_MS, lifetimeMs * RENEW_BEFORE_SHARE);
}
