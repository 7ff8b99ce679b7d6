import { describe, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import * as x509 from "@peculiar/x509";
import { CertificateFiles } from "../../../server/certificates/certificate-files.ts";
import { FailureNote, orderOf } from "../../../server/certificates/failure-note.ts";
import { newKeyPair, privatePem, temporaryCertificate } from "../../../server/certificates/requests.ts";
import { checkCertificate } from "../../../server/cli/certificate-check.ts";
import { readConfiguration } from "../../../server/compose/configuration.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { certificateFor } from "../outbound/local-servers.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const NOW = Date.now();
const DOMAINS = ["status.example.test"];
const DIRECTORY = "https://authority.test/directory";
const FAILURE = {
  order: orderOf(DIRECTORY, DOMAINS),
  failures: 3,
  failedAt: Date.UTC(2030, 0, 1, 12),
  nextTryAt: Date.UTC(2030, 0, 1, 14, 30),
  reason: "Too many certificates already.",
};

const settings = (flags: Record<string, unknown>) =>
  readConfiguration({
    dataFolder: "/nowhere",
    environment: {},
    flags: new Map(Object.entries({ "server.tls.httpPort": 80, ...flags })),
  }).settings.server.tls;
const acme = settings({
  "server.tls.acme.domains": DOMAINS,
  "server.tls.acme.agreed": true,
  "server.tls.acme.directoryUrl": DIRECTORY,
});

/** A certificate that another key vouches for, and its key; PEM. */
async function signedFor(domains: readonly string[], until: number): Promise<{ cert: string; key: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const [authority, own] = await Promise.all(
    [1, 2].map(() => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])),
  );
  if (!authority || !own) throw new Error("There are no keys.");
  const certificate = await x509.X509CertificateGenerator.create({
    ...{
      subject: "CN=a",
      issuer: "CN=Test root",
      publicKey: own.publicKey,
      signingKey: authority.privateKey,
    },
    notBefore: new Date(NOW - DAY_MS),
    notAfter: new Date(until),
    extensions: [
      new x509.SubjectAlternativeNameExtension(domains.map((value) => ({ type: "dns" as const, value }))),
    ],
  });
  const bytes = Buffer.from(await crypto.subtle.exportKey("pkcs8", own.privateKey));
  const key = createPrivateKey({ key: bytes, format: "der", type: "pkcs8" });
  return { cert: certificate.toString("pem"), key: String(key.export({ type: "pkcs8", format: "pem" })) };
}

test("without TLS there is nothing to look at", () => {
  expect(checkCertificate(settings({}), "/nowhere", NOW)).toMatchObject({ state: "skipped" });
});

describe("an authority's certificate", () => {
  test("is asked for by the first start; looking at it makes no folder", () => {
    using folder = new TempFolder();
    const path = folder.file("certificates");
    expect(checkCertificate(acme, path, NOW)).toMatchObject({ state: "skipped" });
    expect(new FailureNote(path).find(FAILURE.order)).toBeUndefined();
    rmSync(folder.path, { recursive: true });
    expect(checkCertificate(acme, path, NOW)).toMatchObject({ state: "skipped" });
  });

  test("that is not here yet fails, with what went wrong last and when the next attempt is due", () => {
    using folder = new TempFolder();
    const files = new CertificateFiles(folder.path);
    const keys = newKeyPair();
    files.write(temporaryCertificate(DOMAINS, keys, NOW), privatePem(keys));
    const note = new FailureNote(folder.path);
    note.keep(FAILURE);
    expect(checkCertificate(acme, folder.path, NOW)).toEqual({
      state: "failed",
      detail: "there is none for status.example.test yet, a temporary one is shown",
      advice:
        "the last of 3 failed orders was on 2030-01-01 12:00 UTC: Too many certificates already. The next is due at 2030-01-01 14:30 UTC",
    });
    note.keep({ ...FAILURE, order: orderOf(DIRECTORY, ["other.test"]) });
    expect(checkCertificate(acme, folder.path, NOW).advice).not.toContain("Too many");
    writeFileSync(folder.file("last-failure.json"), '{"order":');
    expect(checkCertificate(acme, folder.path, NOW).state).toBe("failed");
  });

  test("is well, ends soon, or has ended", async () => {
    using folder = new TempFolder();
    // Certificates count in whole seconds.
    const until = Math.ceil(NOW / 1_000) * 1_000 + 90 * DAY_MS;
    const { cert, key } = await signedFor(DOMAINS, until);
    new CertificateFiles(folder.path).write(cert, key);
    const day = new Date(until).toISOString().slice(0, 10);
    expect(checkCertificate(acme, folder.path, NOW)).toEqual({
      state: "ok",
      detail: `status.example.test, until ${day} (90 days)`,
    });
    new FailureNote(folder.path).keep(FAILURE);
    expect(checkCertificate(acme, folder.path, until - 10 * DAY_MS)).toMatchObject({
      state: "warning",
      advice: expect.stringContaining("Too many certificates already."),
    });
    expect(checkCertificate(acme, folder.path, until + DAY_MS)).toMatchObject({ state: "failed" });
    const more = settings({
      "server.tls.acme.domains": [...DOMAINS, "www.example.test"],
      "server.tls.acme.agreed": true,
    });
    expect(checkCertificate(more, folder.path, NOW)).toMatchObject({
      state: "failed",
      detail: "it is not for www.example.test",
    });
  });
});

describe("a certificate from files", () => {
  test.each([
    [90, "ok"],
    [10, "warning"],
    [-1, "failed"],
  ] as const)("that is valid for %p days: %s", async (days, state) => {
    using folder = new TempFolder();
    const { key, cert } = await certificateFor("a.test", new Date(NOW + days * DAY_MS));
    const [certFile, keyFile] = [folder.file("a.pem"), folder.file("a.key")];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    const tls = settings({ "server.tls.certFile": certFile, "server.tls.keyFile": keyFile });
    expect(checkCertificate(tls, "/nowhere", NOW)).toMatchObject({ state });
    writeFileSync(keyFile, privatePem(newKeyPair()));
    expect(checkCertificate(tls, "/nowhere", NOW)).toMatchObject({ state: "failed" });
  });
});
