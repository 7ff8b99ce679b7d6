import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, writeFileSync } from "node:fs";
import { connect, type TLSSocket } from "node:tls";
import { generate } from "selfsigned";
import { Certificates } from "../../../server/http/certificates.ts";
import type { Logger } from "../../../server/logs/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type RunningApp, startApp } from "../../support/start-app.ts";
import { TempFolder } from "../../support/temp-folder.ts";

/** Longer than the interval at which the files are looked at. */
const LOOK_MS = 6_000;

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Writes `<name>.crt` and `<name>.key`. */
async function issue(name: string): Promise<void> {
  const pair = await generate([{ name: "commonName", value: `${name}.test` }], { keySize: 2_048 });
  writeFileSync(folder.file(`${name}.crt`), pair.cert);
  writeFileSync(folder.file(`${name}.key`), pair.private);
}

function install(name: string, parts: readonly ("crt" | "key")[] = ["crt", "key"]): void {
  for (const part of parts) copyFileSync(folder.file(`${name}.${part}`), folder.file(`live.${part}`));
}

/** Shakes hands; gives the connection. */
const shake = (port: number, options: object = {}): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () =>
      resolve(socket),
    );
    socket.once("error", reject);
  });

/** The name in the certificate that a new connection is shown. */
async function shownName(port: number): Promise<string> {
  const socket = await shake(port);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

/** The status line of a request over an open connection. */
const askOver = (socket: TLSSocket): Promise<string> =>
  new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(String(data).split("\r\n", 1)[0] ?? ""));
    socket.once("close", () => reject(new Error("closed")));
    socket.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
  });

const recorder = () => {
  const lines: string[] = [];
  const record = (message: string, fields?: object) =>
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log = {
    debug: record,
    info: record,
    warning: record,
    error: record,
    child: () => log,
  } as unknown as Logger;
  return { log, lines };
};

const startSecure = (clock: ManualClock, log?: Logger): Promise<RunningApp> =>
  startApp({
    clock,
    ...(log ? { log } : {}),
    settings: {
      "server.tls.certFile": folder.file("live.crt"),
      "server.tls.keyFile": folder.file("live.key"),
    },
  });

describe("built-in TLS", () => {
  test("answers over HTTPS from 1.2 on, with a cookie that is Secure", async () => {
    await issue("first");
    install("first");
    await using app = await startSecure(new ManualClock());
    expect(app.address).toStartWith("https://");
    const { port } = app.app;
    const modern = await shake(port, { maxVersion: "TLSv1.2" });
    expect(modern.getProtocol()).toBe("TLSv1.2");
    modern.destroy();
    await expect(shake(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1" })).rejects.toThrow();
    const plain = await fetch(`http://127.0.0.1:${port}/livez`).catch((error: unknown) => error);
    expect(plain instanceof Response && plain.ok).toBe(false);
    const response = await fetch(`${app.address}/api/v3/setup`, {
      headers: { cookie: `${app.cookieName("session")}=stale` },
      tls: { rejectUnauthorized: false },
    });
    expect(response.headers.getSetCookie().join()).toContain("; Secure");
  });

  test("a new certificate is used by new connections, while open ones go on", async () => {
    await issue("first");
    await issue("second");
    install("first");
    const clock = new ManualClock();
    await using app = await startSecure(clock);
    const { port } = app.app;
    const open = await shake(port);
    expect(await shownName(port)).toBe("first.test");
    install("second");
    await clock.advance(LOOK_MS);
    expect(await shownName(port)).toBe("second.test");
    expect(app.app.port).toBe(port);
    expect(await askOver(open)).toBe("HTTP/1.1 200 OK");
    open.destroy();
  });

  test("what does not hold together keeps the old one and says so once; the rest of the pair heals it", async () => {
    await issue("first");
    await issue("second");
    install("first");
    const clock = new ManualClock();
    const { log, lines } = recorder();
    await using app = await startSecure(clock, log);
    const { port } = app.app;
    install("second", ["crt"]);
    await clock.advance(LOOK_MS);
    await clock.advance(LOOK_MS);
    expect(await shownName(port)).toBe("first.test");
    expect(lines.filter((line) => line.includes("does not belong to the certificate"))).toHaveLength(1);
    install("second", ["key"]);
    await clock.advance(LOOK_MS);
    expect(await shownName(port)).toBe("second.test");
  });

  test("a half-written certificate, an empty file and a missing one change nothing", async () => {
    await issue("first");
    install("first");
    const { log, lines } = recorder();
    const certificates = new Certificates(
      { certFile: folder.file("live.crt"), keyFile: folder.file("live.key") },
      log,
    );
    const { cert } = certificates.read();
    expect(certificates.readChanged(Date.now())).toBeUndefined();
    for (const text of [cert.slice(0, cert.length / 2), "", "nonsense"]) {
      writeFileSync(folder.file("live.crt"), text);
      expect(certificates.readChanged(Date.now())).toBeUndefined();
      expect(certificates.readChanged(Date.now())).toBeUndefined();
    }
    expect(lines).toHaveLength(1);
    const elsewhere = new Certificates(
      { certFile: folder.file("none"), keyFile: folder.file("live.key") },
      log,
    );
    expect(elsewhere.readChanged(Date.now())).toBeUndefined();
    expect(elsewhere.readChanged(Date.now())).toBeUndefined();
    expect(lines).toHaveLength(2);
    install("first");
    expect(certificates.readChanged(Date.now())?.cert).toBe(cert);
  });

  test("a start with a pair that does not hold together is refused in a sentence", async () => {
    await issue("first");
    await issue("second");
    install("first", ["crt"]);
    install("second", ["key"]);
    const start = startSecure(new ManualClock());
    await expect(start).rejects.toThrow(/does not belong to the certificate/);
  });
});
