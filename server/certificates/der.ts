/*
 * As much of DER (X.690) as a certificate request (RFC 2986) and a self-signed certificate (RFC 5280) of one elliptic
 * key need. Nothing is parsed here.
 */

const LONG_LENGTH = 0x80;
const TAGS = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag, length, content. */
function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < LONG_LENGTH) return Buffer.from([length]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([LONG_LENGTH | digits.length]), digits]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAGS.sequence, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(TAGS.set, ...parts);
export const octetString = (content: Uint8Array): Buffer => element(TAGS.octetString, content);
export const utf8String = (text: string): Buffer => element(TAGS.utf8String, Buffer.from(text));

/** Whole bytes, none of the last one's bits unused. */
export const bitString = (content: Uint8Array): Buffer => element(TAGS.bitString, Buffer.from([0]), content);

/** An unsigned number, the most significant byte first. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & LONG_LENGTH) !== 0;
  return element(TAGS.integer, isNegative ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

/** `1.2.840.10045.4.3.2` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(TAGS.objectId, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** Seven bits a byte, all but the last with the highest bit set. */
function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | LONG_LENGTH);
  return digits;
}

/** Universal time to the second. @param at epoch milliseconds */
export const generalizedTime = (at: number): Buffer =>
  element(
    TAGS.generalizedTime,
    Buffer.from(
      new Date(at)
        .toISOString()
        .replace(/[-:T]/g, "")
        .replace(/\.\d+Z$/, "Z"),
    ),
  );

/** `[number]` around whole elements. */
export const tagged = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  element(0xa0 | number, ...parts);

/** `[number]` in place of a primitive element's own tag. */
export const implicit = (number: number, content: Uint8Array): Buffer => element(0x80 | number, content);

/** A block of PEM. */
export const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
