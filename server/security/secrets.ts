import { newSecret, sha256Hex } from "../lib/ids.ts";

/** A secret as it leaves, once, and as it is stored: 256 random bits need no slow hash. */
export interface NewSecret {
  secret: string;
  hash: string;
}

/** Every API token begins with it, so that secret scanners and people recognise one. */
export const TOKEN_PREFIX = "bnc_";
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export function newHashedSecret(prefix = ""): NewSecret {
  const secret = `${prefix}${newSecret()}`;
  return { secret, hash: sha256Hex(secret) };
}

/** Whether `text` has the shape of 256 bits in base64url, before anything is looked up. */
export const isSecret = (text: string): boolean => SECRET.test(text);

/** Whether `text` has the shape of an API token. */
export const isToken = (text: string): boolean =>
  text.startsWith(TOKEN_PREFIX) && isSecret(text.slice(TOKEN_PREFIX.length));
