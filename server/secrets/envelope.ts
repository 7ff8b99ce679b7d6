import { AppError } from "../errors/app-error.ts";

/** Bytes of every key here: AES-256 and HMAC-SHA-256. */
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MASTER_ID_BYTES = 8;
const WRAPPING_PURPOSE = "binnacle key wrapping v1";
const MASTER_ID_PURPOSE = "binnacle master key id v1";

/** Bytes of this process's own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A key from the machine's own randomness. */
export const newKeyBytes = (): Bytes => crypto.getRandomValues(new Uint8Array(KEY_BYTES));

/** A key that encrypts and decrypts and cannot be read back. */
export const encryptionKey = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", own(bytes), "AES-GCM", false, ["encrypt", "decrypt"]);

/** The key under which a master key wraps others: derived, so that the master key itself encrypts nothing. */
export const wrappingKey = async (master: Uint8Array): Promise<CryptoKey> =>
  encryptionKey(await derive(master, WRAPPING_PURPOSE, KEY_BYTES));

/** A fingerprint of a master key, by which rows say which one they need; hex. It gives nothing of the key away. */
export const masterIdOf = async (master: Uint8Array): Promise<string> =>
  (await derive(master, MASTER_ID_PURPOSE, MASTER_ID_BYTES)).toHex();

/** HKDF-SHA-256 without a salt (RFC 5869). */
export async function derive(secret: Uint8Array, purpose: string, sizeBytes: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", own(secret), "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode(purpose);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, sizeBytes * 8));
}

/**
 * Encrypts by AES-256-GCM under a random nonce (NIST SP 800-38D): nonce, ciphertext, tag.
 * @param context what the bytes belong to; they cannot be opened as anything else.
 */
export async function seal(key: CryptoKey, plain: Uint8Array, context: string): Promise<Buffer> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(parametersOf(nonce, context), key, own(plain));
  return Buffer.concat([nonce, new Uint8Array(sealed)]);
}

/** Opens what {@link seal} made. @throws AppError `secret_unreadable` for another key, other bytes or another context. */
export async function unseal(key: CryptoKey, sealed: Uint8Array, context: string): Promise<Bytes> {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new AppError("secret_unreadable");
  const nonce = own(sealed.subarray(0, NONCE_BYTES));
  try {
    const parameters = parametersOf(nonce, context);
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, own(sealed.subarray(NONCE_BYTES))));
  } catch (cause) {
    throw new AppError("secret_unreadable", undefined, { cause });
  }
}

const parametersOf = (iv: Bytes, context: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(context),
});

/** WebCrypto takes no views of shared memory; these copies are small. */
const own = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
