import { hkdfSync } from "node:crypto";

const KEY_BYTES = 32;

/**
 * A key for one purpose, derived from the master key in force (HKDF, RFC 5869) when it is first needed, and anew once
 * the master key was replaced: what the former one signed or sealed is worth nothing from then on.
 */
export function derivedKey(master: () => Uint8Array, purpose: string): () => Uint8Array {
  let source: Uint8Array | undefined;
  let key = new Uint8Array(0);
  return () => {
    const current = master();
    if (current !== source) {
      key = new Uint8Array(hkdfSync("sha256", current, "", purpose, KEY_BYTES));
      source = current;
    }
    return key;
  };
}
