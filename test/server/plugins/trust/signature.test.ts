import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  findSignature,
  keyIdOf,
  readPublicKey,
  signatureText,
} from "../../../../server/plugins/trust/signature.ts";
import { packageOf } from "./subjects.ts";

const pair = () => generateKeyPairSync("ed25519");
const { publicKey, privateKey } = pair();
const rawOf = (key: KeyObject) =>
  key.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
const TRUSTED = [
  { name: "somebody else", publicKey: rawOf(pair().publicKey) },
  { name: "release", publicKey: rawOf(publicKey) },
];
const subjectOf = (one = packageOf()) => ({
  id: one.manifest.id,
  version: one.manifest.version,
  digest: one.digest,
});
const SUBJECT = subjectOf();
const TEXT = signatureText(SUBJECT, privateKey);

const find = (text: string, subject = SUBJECT, keys = TRUSTED) =>
  findSignature(new TextEncoder().encode(text), subject, keys);

describe("a signature beside a plugin", () => {
  test("is found with the name of its key, and is no part of what it signs", () => {
    expect(packageOf({ signature: TEXT, trustedKeys: TRUSTED })).toMatchObject({
      digest: SUBJECT.digest,
      signedBy: keyIdOf(publicKey),
      signature: { state: "valid", keyId: keyIdOf(publicKey), keyName: "release" },
    });
    expect(packageOf()).toMatchObject({ signedBy: undefined, signature: { state: "none" } });
  });

  test("of a key that nobody trusts says nothing", () => {
    expect(find(TEXT, SUBJECT, [])).toEqual({ state: "unknown_key", keyId: keyIdOf(publicKey) });
  });

  test.each([
    ["another plugin", { ...SUBJECT, id: "other" }, 'the signature is one of the plugin "probe"'],
    ["another version", { ...SUBJECT, version: "2.0.0" }, 'the signature is one of version "1.0.0"'],
    ["other files", subjectOf(packageOf({ code: "changed" })), "files of the plugin were changed"],
  ])("is none of %s", (_name, subject, reason) => {
    expect(find(TEXT, subject)).toMatchObject({ state: "broken", reason: expect.stringContaining(reason) });
  });

  test("cannot be given another subject, another key, or another content", () => {
    const content = JSON.parse(TEXT) as Record<string, string>;
    const forged = (change: object) => JSON.stringify({ ...content, ...change });
    const moved = { ...SUBJECT, id: "other" };
    expect(find(forged({ id: "other" }), moved)).toMatchObject({
      state: "broken",
      reason: expect.stringContaining("not made by the key release"),
    });
    const stranger = signatureText(SUBJECT, pair().privateKey);
    const asRelease = JSON.stringify({ ...JSON.parse(stranger), keyId: content.keyId });
    expect(find(asRelease)).toMatchObject({ state: "broken" });
    const flipped = Buffer.from(content.signature ?? "", "base64");
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    expect(find(forged({ signature: flipped.toString("base64") }))).toMatchObject({ state: "broken" });
  });

  test.each([
    "",
    "{}",
    "null",
    "[]",
    "x".repeat(10_000),
    '{"id":1}',
    TEXT.replace(/"signature": "[^"]*"/, '"signature": "AAAA"'),
  ])("%p holds none", (text) => {
    expect(find(text)).toEqual({ state: "broken", reason: "plugin.sig does not hold a signature" });
  });

  test("a file that is not UTF-8 holds none", () => {
    expect(findSignature(new Uint8Array([0xff]), SUBJECT, TRUSTED)).toMatchObject({ state: "broken" });
  });
});

test("a trusted key is the 32 bytes of an Ed25519 public key in base64", () => {
  expect(readPublicKey(rawOf(publicKey))?.equals(publicKey)).toBeTrue();
  for (const wrong of ["", "AAAA", Buffer.alloc(33).toString("base64")])
    expect(readPublicKey(wrong)).toBeUndefined();
});
