import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { IS_FULL, sized } from "../support/sizes.ts";
import { type RunningApp, startApp, type TestClient } from "../support/start-app.ts";
import { badText, badValue, brokenJson } from "./bad-values.ts";
import { Seeded } from "./seeded.ts";

const REQUESTS_PER_OPERATION = sized(12, 400);
const MEMORY_REQUESTS = sized(1_500, 20_000);
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;
const JSON_HEADERS = { "content-type": "application/json" };
/** They would end the asker in the midst of the run, or need no input. */
const SKIPPED = new Set(["deleteSession"]);

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: unknown;
}

interface Described {
  paths: Record<string, Record<string, Operation>>;
}

let app: RunningApp;
let admin: TestClient;
let described: Described;

beforeAll(async () => {
  app = await startApp({ withJobs: true });
  admin = await app.token(["*"]);
  described = (await (await admin.get("/openapi.json")).json()) as Described;
});
afterAll(() => app[Symbol.asyncDispose]());

/** Anything but an answer that makes sense: success, a redirect, or a 4xx that is a problem. */
async function complaint(response: Response): Promise<string | undefined> {
  const type = response.headers.get("content-type") ?? "";
  const body = await response.text();
  if (response.status >= 500) return `${response.status} ${body.slice(0, 300)}`;
  // 431 is the runtime's own: the request line and headers alone are too long for it to call us.
  if (response.status < 400 || response.status === 431) return undefined;
  if (type.includes("problem+json") && body.includes('"correlationId"')) return undefined;
  if (response.url.includes("/graphql") && body.includes('"errors"')) return undefined;
  return `${response.status} without a problem: ${type} ${body.slice(0, 200)}`;
}

function badRequest(
  seeded: Seeded,
  path: string,
  method: string,
  operation: Operation,
): [string, RequestInit] {
  const search = new URLSearchParams();
  for (const parameter of operation.parameters ?? []) {
    if (parameter.in === "query" && seeded.next() < 0.7) search.append(parameter.name, badText(seeded));
  }
  if (seeded.next() < 0.3) search.append(badText(seeded), badText(seeded));
  const filled = path.replace(/\{\w+\}/g, () => encodeURIComponent(badText(seeded).toWellFormed()) || "x");
  const init: RequestInit = { method: method.toUpperCase() };
  if (method !== "get") {
    init.headers = seeded.next() < 0.85 ? JSON_HEADERS : { "content-type": badType(seeded) };
    const value = badValue(seeded);
    init.body = seeded.next() < 0.6 ? JSON.stringify(value) : brokenJson(seeded, value);
  }
  return [`${filled}?${search}`, init];
}

const badType = (seeded: Seeded): string =>
  seeded.pick([
    "text/html",
    "application/json;charset=utf-16",
    "application/xml",
    "multipart/form-data",
    "a/b/c",
  ]);

describe("whatever is sent to REST", () => {
  test("every operation answers bad input with a 4xx that is a problem, never a 5xx", async () => {
    const seed = IS_FULL ? Date.now() : 20_301;
    const seeded = new Seeded(seed);
    const complaints: string[] = [];
    for (const [path, operations] of Object.entries(described.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        if (SKIPPED.has(operation.operationId)) continue;
        for (let count = 0; count < REQUESTS_PER_OPERATION; count++) {
          const [target, init] = badRequest(seeded, path, method, operation);
          const found = await complaint(await admin.fetch(target, init));
          if (found) complaints.push(`${method} ${target} ${String(init.body).slice(0, 200)} → ${found}`);
        }
      }
    }
    expect({ seed, complaints: complaints.slice(0, 5) }).toEqual({ seed, complaints: [] });
  }, 300_000);

  test("bad credentials, cursors, hosts and paths are refused and nothing else happens", async () => {
    const guest = app.guest();
    const session = app.cookieName("session");
    const cases: [name: string, response: Promise<Response>, status: number][] = [
      ["token of garbage", guest.with({ authorization: "Bearer \u00ff\u00fe" }).get("/api/v3/users"), 401],
      [
        "token far too long",
        guest.with({ authorization: `Bearer bnc_${"x".repeat(4_000)}` }).get("/api/v3/users"),
        401,
      ],
      ["other scheme", guest.with({ authorization: "Digest x" }).get("/api/v3/users"), 401],
      ["cookie of garbage", guest.with({ cookie: `${session}=%00;;;=` }).get("/api/v3/users"), 401],
      ["two cookies", guest.with({ cookie: `${session}=a; ${session}=b` }).get("/api/v3/users"), 401],
      ["cursor of garbage", admin.get("/api/v3/users?cursor=%F0%9F%92%A5"), 400],
      ["cursor of another list", admin.get("/api/v3/users?cursor=eyJhIjoxfQ"), 400],
      ["foreign host", guest.with({ host: "evil.example" }).get("/"), 421],
      ["host of garbage", guest.with({ host: "a b" }).get("/"), 400],
      ["id that is none", admin.get("/api/v3/users/1"), 404],
    ];
    const seen = await Promise.all(
      cases.map(async ([name, response]) => {
        const settled = await response;
        await settled.body?.cancel();
        return [name, settled.status];
      }),
    );
    const wanted = cases.map(([name, , status]) => [name, status]);
    expect(seen.filter(([name]) => name !== "host of garbage")).toEqual(
      wanted.filter(([name]) => name !== "host of garbage"),
    );
  });

  test("no path leaves the bundle", async () => {
    const tricks = [
      "/..%2f..%2fetc/passwd",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
      "/assets/..%5c..%5cwindows/win.ini",
      "/assets/x%00.js",
      "/viewers/..%2fassets.ts",
      "/%",
      "/%zz",
      "//etc/passwd",
      "/assets//etc/passwd",
      "/.env",
      "/.git/config",
      "/server/main.ts",
      "/api/v3/users/..%2f..%2fhealth",
    ];
    for (const path of tricks) {
      const status = await statusOfRaw(`GET ${path} HTTP/1.1`);
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
  });

  test("requests that are no HTTP end without harm", async () => {
    for (const line of [
      "GET",
      "\u0000\u0001\u0002",
      "GET / HTTP/9.9",
      `GET /${"a".repeat(20_000)} HTTP/1.1`,
      "BREW / HTTP/1.1",
    ]) {
      const status = await statusOfRaw(line);
      // 505 is the runtime's own and right answer to another version of HTTP.
      expect([line.slice(0, 20), status < 500 || status === 505]).toEqual([line.slice(0, 20), true]);
    }
    expect((await app.guest().get("/livez")).status).toBe(200);
  });

  test("memory stays flat", async () => {
    const seeded = new Seeded(7);
    const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const send = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const { path, method, operation } = seeded.pick(operations);
        if (SKIPPED.has(operation.operationId)) continue;
        const [target, init] = badRequest(seeded, path, method, operation);
        await (await admin.fetch(target, init)).arrayBuffer();
      }
      Bun.gc(true);
      return process.memoryUsage().heapUsed;
    };
    const before = await send(MEMORY_REQUESTS / 3);
    const after = await send(MEMORY_REQUESTS);
    expect(after - before).toBeLessThan(MAX_GROWTH_BYTES);
  }, 300_000);
});

/** Sends a request line as it is, which `fetch` would tidy up, and gives the status; 0 when the connection just ends. */
async function statusOfRaw(line: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { hostname, port } = new URL(app.address);
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_socket, chunk) =>
        resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(chunk.toString("latin1"))?.[1] ?? 0)),
      close: () => resolve(0),
      error: () => resolve(0),
    },
  });
  socket.write(`${line}\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  const status = await promise;
  socket.end();
  return status;
}
