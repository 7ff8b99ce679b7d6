import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { Certificate } from "../../../server/certificates/service.ts";
import { type Misbehaviour, startAuthority, type TestAuthority } from "../../support/acme-authority.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type RunningApp, startApp } from "../../support/start-app.ts";
import { TempFolder } from "../../support/temp-folder.ts";

const DOMAINS = ["status.example.test", "www.example.test"];
const DAY_MS = 24 * 60 * 60 * 1_000;
const MINUTE_MS = 60_000;
/** Longer than the interval at which the listener looks at the files. */
const LOOK_MS = 6_000;

let folder: TempFolder;
let clock: ManualClock;
let authority: TestAuthority;
let httpPort: number;

beforeEach(async () => {
  folder = new TempFolder();
  clock = new ManualClock(Date.now());
  httpPort = freePort();
  authority = await startAuthority(httpPort, clock.now);
  writeFileSync(folder.file("authority.pem"), authority.ca);
});
afterEach(async () => {
  await authority.stop();
  folder[Symbol.dispose]();
});

function freePort(): number {
  const server = Bun.serve({ port: 0, fetch: () => new Response() });
  const { port = 0 } = server;
  server.stop(true);
  return port;
}

const start = (settings: Record<string, unknown> = {}): Promise<RunningApp> =>
  startApp({
    clock,
    settings: {
      "server.tls.httpPort": httpPort,
      "server.tls.acme.domains": DOMAINS,
      "server.tls.acme.agreed": true,
      "server.tls.acme.email": "ops@example.test",
      "server.tls.acme.directoryUrl": authority.directoryUrl,
      "server.tls.acme.caFile": folder.file("authority.pem"),
      "server.tls.acme.allow": ["localhost"],
      ...settings,
    },
  });

/** What a new connection is shown. */
const shown = (app: RunningApp): Promise<PeerCertificate> =>
  new Promise((resolve, reject) => {
    const options = {
      port: app.app.port,
      host: "127.0.0.1",
      servername: DOMAINS[0],
      rejectUnauthorized: false,
    };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.once("error", reject);
  });

/** Runs the renewal as its timer does. */
function renew({ parts }: RunningApp): Promise<void> {
  if (!parts.certificate) throw new Error("There is no certificate of an authority.");
  return parts.certificate.renewWhenDue();
}

/** What was told of certificates, the latest first; an event behind them says that they are written. */
async function told({ parts: { events } }: RunningApp) {
  await events.publish({ type: "server.started", payload: { version: "test" } });
  const { items } = await events.list({ limit: 50 });
  return items.filter(({ type }) => type.startsWith("certificate."));
}

const typesOf = async (app: RunningApp): Promise<string[]> => (await told(app)).map(({ type }) => type);

describe("a certificate from an authority", () => {
  test("is asked for at the first start, proven over plain HTTP, and shown without a restart", async () => {
    await using app = await start();
    expect((await shown(app)).subject.CN).toContain("waiting for its certificate");
    await renew(app);
    await clock.advance(LOOK_MS);
    const certificate = await shown(app);
    expect(certificate.subjectaltname).toBe(DOMAINS.map((name) => `DNS:${name}`).join(", "));
    expect(new X509Certificate(certificate.raw).verify(new X509Certificate(authority.root).publicKey)).toBe(
      true,
    );
    expect([...authority.accounts.values()].map(({ contact }) => contact)).toEqual([
      ["mailto:ops@example.test"],
    ]);
    expect(await typesOf(app)).toEqual(["certificate.renewed"]);
    const response = await fetch(`${app.address}/livez`, {
      headers: { host: DOMAINS[1] ?? "" },
      tls: { rejectUnauthorized: false },
    });
    expect(response.status).toBe(200);
  });

  test("is kept for the owner alone, and nobody is asked while it is fresh", async () => {
    await using app = await start();
    await renew(app);
    const kept = app.parts.folder.paths.certificates;
    expect(readdirSync(kept).sort()).toEqual(["account.key", "certificate.key", "certificate.pem"]);
    for (const name of readdirSync(kept)) expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600);
    expect(statSync(kept).mode & 0o777).toBe(0o700);
    const asked = authority.seen.length;
    clock.setWall(clock.now() + 59 * DAY_MS);
    await renew(app);
    expect(authority.seen.length).toBe(asked);
    clock.setWall(clock.now() + 2 * DAY_MS);
    await renew(app);
    expect(authority.seen.length).toBeGreaterThan(asked);
    expect(authority.accounts.size).toBe(1);
    expect(await typesOf(app)).toEqual(["certificate.renewed", "certificate.renewed"]);
  });

  test("survives an authority that wants every request under another nonce", async () => {
    authority.misbehaviour.badNonce = true;
    await using app = await start();
    await renew(app);
    expect(await typesOf(app)).toEqual(["certificate.renewed"]);
  });

  test("the answers to the authority are gone once it has looked", async () => {
    await using app = await start();
    await renew(app);
    const response = await fetch(`http://127.0.0.1:${httpPort}/.well-known/acme-challenge/anything`);
    expect(response.status).toBe(404);
  });
});

describe("an authority that gives none", () => {
  const cases: [string, Misbehaviour, RegExp][] = [
    ["refuses", { refuseOrders: { status: 429 } }, /Too many certificates already/],
    ["speaks something else", { nonsense: true }, /cannot be read/],
    ["certifies other names", { certifyInstead: ["other.test"] }, /not the one/],
  ];
  for (const [name, misbehaviour, reason] of cases) {
    test(`(it ${name}) leaves the server as it is, is told of, and is asked again later`, async () => {
      Object.assign(authority.misbehaviour, misbehaviour);
      await using app = await start();
      await renew(app);
      expect((await shown(app)).subject.CN).toContain("waiting for its certificate");
      expect(JSON.stringify(await told(app))).toMatch(reason);
      await app.parts.incidents.flush();
      const { items } = await app.parts.incidents.list({ limit: 10 }, {});
      expect(items.map(({ code }) => code)).toEqual(["certificate_failed"]);
      const asked = authority.seen.length;
      await clock.advance(5 * MINUTE_MS);
      await renew(app);
      expect(authority.seen.length).toBe(asked);
    });
  }

  test("(it is not there) is an outbound failure like any other", async () => {
    await authority.stop();
    await using app = await start();
    await renew(app);
    expect(JSON.stringify(await told(app))).toContain("No connection to port");
  });

  test("is heeded when it says when to come back", async () => {
    authority.misbehaviour.refuseOrders = { status: 429, retryAfter: String(3 * 3_600) };
    await using app = await start();
    await renew(app);
    const asked = authority.seen.length;
    await clock.advance(2 * 60 * MINUTE_MS);
    await renew(app);
    expect(authority.seen.length).toBe(asked);
    authority.misbehaviour.refuseOrders = undefined;
    await clock.advance(61 * MINUTE_MS);
    await renew(app);
    expect(await typesOf(app)).toContain("certificate.renewed");
  });

  test("is not asked sooner for a restart, but at once for other names", async () => {
    authority.misbehaviour.refuseOrders = { status: 429, retryAfter: String(3 * 3_600) };
    await using app = await start();
    await renew(app);
    const { certificate, folder: data } = app.parts;
    if (!certificate) throw new Error("There is no certificate of an authority.");
    const again = (domains: string[]): Certificate => {
      const { acme } = app.parts.configuration.settings.server.tls;
      const settings = { ...acme, domains };
      const { outbound, events, incidents, timers, log } = app.parts;
      const folder = data.paths.certificates;
      const parts = { settings, folder, outbound, events, report: incidents.record, timers, clock, log };
      const restarted = new Certificate(parts);
      restarted.open();
      return restarted;
    };
    const asked = authority.seen.length;
    await clock.advance(60 * MINUTE_MS);
    const restarted = again(DOMAINS);
    await restarted.renewWhenDue();
    await clock.advance(119 * MINUTE_MS);
    await restarted.renewWhenDue();
    expect(authority.seen.length).toBe(asked);
    await clock.advance(2 * MINUTE_MS);
    await restarted.renewWhenDue();
    expect(authority.seen.length).toBeGreaterThan(asked);
    const before = authority.seen.length;
    await again(["other.example.test"]).renewWhenDue();
    expect(authority.seen.length).toBeGreaterThan(before);
  });

  test("names that lead elsewhere are told with the authority's words", async () => {
    await using app = await start({ "server.tls.httpPort": freePort() });
    await renew(app);
    expect(JSON.stringify(await told(app))).toContain("could not see that status.example.test leads here");
  });
});

describe("settings that cannot work are refused at the start", () => {
  test.each([
    [{ "server.tls.acme.domains": ["*.example.test"] }, /addresses and wildcards cannot be proven/],
    [{ "server.tls.acme.domains": ["10.0.0.1"] }, /addresses and wildcards cannot be proven/],
    [{ "server.tls.acme.domains": ["localhost"] }, /addresses and wildcards cannot be proven/],
    [{ "server.tls.acme.agreed": false }, /terms/],
    [{ "server.tls.httpPort": 0 }, /port 80/],
    [{ "server.tls.certFile": "/x.crt", "server.tls.keyFile": "/x.key" }, /from files or from an authority/],
    [{ "server.tls.acme.directoryUrl": "http://ca.test/directory" }, /directoryUrl/],
    [{ "server.tls.acme.caFile": "/nowhere/ca.pem" }, /caFile/],
    [{ "server.tls.acme.email": "nobody" }, /email/],
  ])("%j", async (settings, message) => {
    await expect(start(settings)).rejects.toThrow(message);
  });

  test("an authority on this machine is reached by explicit setting only", async () => {
    await using app = await start({ "server.tls.acme.allow": [] });
    await renew(app);
    expect(authority.seen).toEqual([]);
    expect(await typesOf(app)).toEqual(["certificate.failed"]);
  });
});
