const PREFIX = "whsec_";

/** The key that a secret stands for: `whsec_` and Base64, as other implementations have it, or any other text; undefined for broken Base64. */
export function keyOf(secret: string): Uint8Array | undefined {
  if (!secret.startsWith(PREFIX)) return new TextEncoder().encode(secret);
  try {
    return Uint8Array.fromBase64(secret.slice(PREFIX.length));
  } catch {
    return undefined;
  }
}

/** The signature of Standard Webhooks: HMAC-SHA256 over id, timestamp (epoch seconds) and body. */
export function signatureOf(key: Uint8Array, id: string, timestamp: number, body: string): string {
  return `v1,${new Bun.CryptoHasher("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
