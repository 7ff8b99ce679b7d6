import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** The file beside `plugin.json` that holds the signature; no part of what is signed. */
export const SIGNATURE_FILE = "plugin.sig";

/** A key whose signatures count (`plugins.trustedKeys`). */
export interface TrustedKey {
  name: string;
  /** Ed25519, 32 bytes in base64. */
  publicKey: string;
}

/** What is signed: no other plugin, version or content can carry the signature. */
export interface SignedPackage {
  id: string;
  version: string;
  digest: string;
}

/** What was found of a signature. */
export type SignatureFinding =
  | { state: "none" }
  | { state: "valid"; keyId: string; keyName: string }
  /** Nobody told this server of that key: the signature says nothing. */
  | { state: "unknown_key"; keyId: string }
  | { state: "broken"; reason: string };

const MAX_BYTES = 4_096;
const RAW_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const KEY_ID_LENGTH = 16;
/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const CONTEXT = "binnacle plugin v1";

/** The bytes that are signed, one fact a line; none of them can hold a line break. */
const signedBytes = ({ id, version, digest }: SignedPackage): Buffer =>
  Buffer.from(`${CONTEXT}\n${id}\n${version}\n${digest}\n`);

/** Short name of a public key: the first 64 bits of the SHA-256 of its 32 bytes, hex. */
export const keyIdOf = (key: KeyObject): string =>
  createHash("sha256").update(rawKey(key)).digest("hex").slice(0, KEY_ID_LENGTH);

/** A public key as `plugins.trustedKeys` holds it. */
export const publicKeyText = (key: KeyObject): string => rawKey(key).toString("base64");

const rawKey = (key: KeyObject): Buffer =>
  key.export({ type: "spki", format: "der" }).subarray(SPKI_PREFIX.length);

/** Reads a trusted key: 32 bytes in base64. Undefined when they are none. */
export function readPublicKey(text: string): KeyObject | undefined {
  const raw = Buffer.from(text, "base64");
  if (raw.length !== RAW_KEY_BYTES) return undefined;
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
}

/** The content of {@link SIGNATURE_FILE}: what is signed, by which key, and the signature (Ed25519, RFC 8032) in base64. */
export function signatureText(subject: SignedPackage, privateKey: KeyObject): string {
  const keyId = keyIdOf(createPublicKey(privateKey));
  const signature = sign(null, signedBytes(subject), privateKey).toString("base64");
  const { id, version, digest } = subject;
  return `${JSON.stringify({ id, version, digest, keyId, signature }, undefined, 2)}\n`;
}

/** Judges the signature that came with a plugin against what the plugin is and the keys that are trusted. */
export function findSignature(
  bytes: Uint8Array | undefined,
  subject: SignedPackage,
  trustedKeys: readonly TrustedKey[],
): SignatureFinding {
  if (bytes === undefined) return { state: "none" };
  const signature = parse(bytes);
  if (!signature) return broken(`${SIGNATURE_FILE} does not hold a signature`);
  if (signature.id !== subject.id)
    return broken(`the signature is one of the plugin ${JSON.stringify(signature.id)}`);
  if (signature.version !== subject.version)
    return broken(`the signature is one of version ${JSON.stringify(signature.version)}`);
  if (signature.digest !== subject.digest)
    return broken("files of the plugin were changed after it was signed");
  const keys = trustedKeys.map(({ name, publicKey }) => ({ name, key: readPublicKey(publicKey) }));
  const named = keys.find(({ key }) => key && keyIdOf(key) === signature.keyId);
  if (!named?.key) return { state: "unknown_key", keyId: signature.keyId };
  return verify(null, signedBytes(subject), named.key, signature.bytes)
    ? { state: "valid", keyId: signature.keyId, keyName: named.name }
    : broken(`the signature was not made by the key ${named.name}`);
}

const broken = (reason: string): SignatureFinding => ({ state: "broken", reason });

interface Signature extends SignedPackage {
  keyId: string;
  bytes: Buffer;
}

function parse(bytes: Uint8Array): Signature | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
  const [id, version, digest, keyId, text] = ["id", "version", "digest", "keyId", "signature"].map((name) =>
    textAt(content, name),
  );
  const signature = Buffer.from(text ?? "", "base64");
  if (!id || !version || !digest || !keyId || signature.length !== SIGNATURE_BYTES) return undefined;
  return { id, version, digest, keyId: keyId.slice(0, KEY_ID_LENGTH), bytes: signature };
}

function textAt(content: unknown, name: string): string | undefined {
  if (typeof content !== "object" || content === null || !Object.hasOwn(content, name)) return undefined;
  const value: unknown = Reflect.get(content, name);
  return typeof value === "string" ? value : undefined;
}
