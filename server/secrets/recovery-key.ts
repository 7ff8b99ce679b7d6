import { AppError } from "../errors/app-error.ts";
import { type Bytes, derive, encryptionKey, KEY_BYTES, newKeyBytes, seal, unseal } from "./envelope.ts";

/** Crockford's base 32: no letter that is taken for a digit. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS_PER_LETTER = 5;
const KEY_LETTERS = Math.ceil((KEY_BYTES * 8) / BITS_PER_LETTER);
/** Check letters at the end: a slip of the pen is found before anything is tried. */
const CHECK_LETTERS = 4;
const GROUP_LETTERS = 4;
const SEALING_PURPOSE = "binnacle recovery v1";
/** What stands before the 32 bytes of an X25519 private key in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = Uint8Array.fromHex("302e020100300506032b656e04220420");
const X25519 = { name: "X25519" } as const;
const CURVE_BITS = 256;

/** A recovery key just made: the only moment its text is known. */
export interface NewRecoveryKey {
  /** For a person to keep: groups of four letters. */
  text: string;
  /** Its last group: what a person repeats to show that they wrote it down. */
  ending: string;
  /** Seals master keys to it ever after, without the text. */
  publicKey: Bytes;
}

/**
 * Makes a recovery key: a key pair (X25519, RFC 7748) whose private half is only ever shown, and whose public half stays,
 * so that each new master key can be sealed to it without asking anybody for the text again.
 */
export async function newRecoveryKey(): Promise<NewRecoveryKey> {
  const privateBytes = newKeyBytes();
  const text = await printRecoveryKey(privateBytes);
  const jwk = await crypto.subtle.exportKey("jwk", await privateKeyOf(privateBytes));
  const publicKey = Uint8Array.fromBase64(jwk.x ?? "", { alphabet: "base64url" });
  return { text, ending: text.slice(-CHECK_LETTERS), publicKey };
}

/** Seals a master key so that only the recovery key's text opens it. */
export async function sealToRecovery(
  publicBytes: Uint8Array,
  master: Uint8Array,
  masterId: string,
): Promise<Buffer> {
  const recipient = await crypto.subtle.importKey("raw", new Uint8Array(publicBytes), X25519, false, []);
  const ours = (await crypto.subtle.generateKey(X25519, false, ["deriveBits"])) as CryptoKeyPair;
  const ephemeral = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const key = await agreedKey(ours.privateKey, recipient, ephemeral);
  return Buffer.concat([ephemeral, await seal(key, master, contextOf(masterId))]);
}

/**
 * The master key of {@link sealToRecovery}.
 * @throws AppError `recovery_key_invalid` when the text is none, or another one's.
 */
export async function openWithRecovery(text: string, sealed: Uint8Array, masterId: string): Promise<Bytes> {
  const privateKey = await privateKeyOf(await readRecoveryKey(text));
  const ephemeral = new Uint8Array(sealed.subarray(0, KEY_BYTES));
  const theirs = await crypto.subtle.importKey("raw", ephemeral, X25519, false, []);
  try {
    const key = await agreedKey(privateKey, theirs, ephemeral);
    return await unseal(key, sealed.subarray(KEY_BYTES), contextOf(masterId));
  } catch (cause) {
    const sentence = "This recovery key is well written, and belongs to another server or was replaced.";
    throw new AppError("recovery_key_invalid", sentence, { cause });
  }
}

async function agreedKey(mine: CryptoKey, theirs: CryptoKey, ephemeral: Bytes): Promise<CryptoKey> {
  const shared = await crypto.subtle.deriveBits({ ...X25519, public: theirs }, mine, CURVE_BITS);
  return encryptionKey(
    await derive(new Uint8Array(shared), `${SEALING_PURPOSE} ${ephemeral.toHex()}`, KEY_BYTES),
  );
}

const privateKeyOf = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey("pkcs8", new Uint8Array([...PKCS8_PREFIX, ...bytes]), X25519, true, ["deriveBits"]);

const contextOf = (masterId: string): string => `binnacle master key\0${masterId}`;

async function printRecoveryKey(bytes: Uint8Array): Promise<string> {
  const letters = toLetters(bytes) + (await checkOf(bytes));
  return (letters.match(new RegExp(`.{1,${GROUP_LETTERS}}`, "g")) ?? []).join("-");
}

/** Reads what a person typed: any case, any blanks and dashes, O for 0, I and L for 1. @throws AppError `recovery_key_invalid` */
async function readRecoveryKey(text: string): Promise<Uint8Array> {
  const letters = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const bytes =
    letters.length === KEY_LETTERS + CHECK_LETTERS ? fromLetters(letters.slice(0, KEY_LETTERS)) : undefined;
  if (bytes && letters.slice(KEY_LETTERS) === (await checkOf(bytes))) return bytes;
  throw new AppError(
    "recovery_key_invalid",
    `That is not a recovery key as it was shown: ${KEY_LETTERS + CHECK_LETTERS} letters and digits in groups of ${GROUP_LETTERS}. Look for a slip.`,
  );
}

async function checkOf(bytes: Uint8Array): Promise<string> {
  return toLetters(await derive(bytes, "binnacle recovery key check", KEY_BYTES)).slice(0, CHECK_LETTERS);
}

function toLetters(bytes: Uint8Array): string {
  let [value, bits, text] = [0, 0, ""];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    for (; bits >= BITS_PER_LETTER; bits -= BITS_PER_LETTER) {
      text += ALPHABET[(value >> (bits - BITS_PER_LETTER)) & 31] ?? "";
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + (ALPHABET[(value << (BITS_PER_LETTER - bits)) & 31] ?? "");
}

function fromLetters(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(KEY_BYTES);
  let [value, bits, position] = [0, 0, 0];
  for (const letter of text) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return undefined;
    value = ((value << BITS_PER_LETTER) | digit) & 0xfff;
    bits += BITS_PER_LETTER;
    if (bits < 8) continue;
    bits -= 8;
    bytes[position++] = (value >> bits) & 0xff;
  }
  return position === KEY_BYTES ? bytes : undefined;
}
