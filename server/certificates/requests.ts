import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  bitString,
  generalizedTime,
  implicit,
  integer,
  objectId,
  octetString,
  pem,
  sequence,
  set,
  tagged,
  utf8String,
} from "./der.ts";

/** A private key with its public one, on the curve P-256. */
export interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const ECDSA_WITH_SHA256 = sequence(objectId("1.2.840.10045.4.3.2"));
const COMMON_NAME = objectId("2.5.4.3");
const SUBJECT_ALT_NAME = objectId("2.5.29.17");
const EXTENSION_REQUEST = objectId("1.2.840.113549.1.9.14");
const DNS_NAME = 2;
const VERSION_3 = tagged(0, integer(Buffer.from([2])));
const VERSION_1 = integer(Buffer.from([0]));
const SERIAL_BYTES = 16;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** A temporary certificate is valid for so long; whoever meets it is warned anyway. */
const TEMPORARY_DAYS = 30;
/** Its common name: nobody is to take it for the real one. */
const TEMPORARY_NAME = "Binnacle, waiting for its certificate";

export const newKeyPair = (): KeyPair => generateKeyPairSync("ec", { namedCurve: "P-256" });

/** PKCS #8. */
export const privatePem = ({ privateKey }: KeyPair): string =>
  String(privateKey.export({ type: "pkcs8", format: "pem" }));

/** Asks for a certificate of these names for that key (PKCS #10, RFC 2986); the names stand as alternative names only. */
export function certificateRequest(domains: readonly string[], keys: KeyPair): Buffer {
  const wanted = sequence(EXTENSION_REQUEST, set(sequence(alternativeNames(domains))));
  const facts = sequence(VERSION_1, sequence(), publicKeyOf(keys), tagged(0, wanted));
  return signed(facts, keys);
}

/** What is shown until the first certificate is here: self-signed, so that nobody trusts it. PEM. */
export function temporaryCertificate(domains: readonly string[], keys: KeyPair, now: number): string {
  const name = sequence(set(sequence(COMMON_NAME, utf8String(TEMPORARY_NAME))));
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = (serial[0] ?? 0) | 1;
  const facts = sequence(
    VERSION_3,
    integer(serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(generalizedTime(now - DAY_MS), generalizedTime(now + TEMPORARY_DAYS * DAY_MS)),
    name,
    publicKeyOf(keys),
    tagged(3, sequence(alternativeNames(domains))),
  );
  return pem("CERTIFICATE", signed(facts, keys));
}

const signed = (facts: Buffer, { privateKey }: KeyPair): Buffer =>
  sequence(facts, ECDSA_WITH_SHA256, bitString(sign("sha256", facts, privateKey)));

const publicKeyOf = ({ publicKey }: KeyPair): Buffer => publicKey.export({ type: "spki", format: "der" });

const alternativeNames = (domains: readonly string[]): Buffer =>
  sequence(
    SUBJECT_ALT_NAME,
    octetString(sequence(...domains.map((domain) => implicit(DNS_NAME, Buffer.from(domain))))),
  );
