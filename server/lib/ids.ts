/** A UUIDv7: unique, and sorted by creation time (RFC 9562). */
export const newId = (): string => Bun.randomUUIDv7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether `text` has the shape of an id made by {@link newId}. */
export const isId = (text: string): boolean => UUID.test(text);

/**
 * A secret of `sizeBytes` random bytes as base64url without padding.
 * 32 bytes (256 bits) are out of reach of guessing and need no slow hash at rest.
 */
export function newSecret(sizeBytes = 32): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(sizeBytes))).toString("base64url");
}

/** SHA-256 of a UTF-8 text, as lower-case hex. In one call: an object for it costs five times as much. */
export const sha256Hex = (text: string): string => Bun.CryptoHasher.hash("sha256", text, "hex");
