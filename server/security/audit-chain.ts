import { hkdfSync } from "node:crypto";
import type { audit } from "../../schema/tables/audit.ts";

/** What the first row is chained to. */
export const CHAIN_START = "0".repeat(64);
const KEY_PURPOSE = "binnacle audit chain v1";
const KEY_BYTES = 32;

/** The key of the chain, derived from the master key, so that neither gives away the other (HKDF, RFC 5869). */
export const chainKey = (masterKey: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", masterKey, new Uint8Array(), KEY_PURPOSE, KEY_BYTES));

/** HMAC-SHA-256 over the previous row's MAC and every column of this one, in a fixed order; hex. */
export function chainMac(
  key: Uint8Array,
  previousMac: string,
  row: Omit<typeof audit.$inferSelect, "mac">,
): string {
  const content = JSON.stringify([
    previousMac,
    row.seq,
    row.at,
    row.actor,
    row.action,
    row.target,
    row.outcome,
    row.correlationId,
    row.address,
    row.detail,
    row.count,
  ]);
  return new Bun.CryptoHasher("sha256", key).update(content).digest("hex");
}

/** Where the chain stands at a row: enough to go on from there. */
export interface ChainPosition {
  seq: number;
  mac: string;
}

/** Signs a position: HMAC-SHA-256 of what it stands for, the position and the time; hex. */
export function positionSignature(
  key: Uint8Array,
  kind: "head" | "checkpoint",
  { seq, mac, at }: ChainPosition & { at: number },
): string {
  return new Bun.CryptoHasher("sha256", key).update(JSON.stringify([kind, seq, mac, at])).digest("hex");
}
