import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp, type TestClient } from "../support/start-app.ts";

const LIVE = "/api/v3/ws/live-metrics";
const GRAPHQL = "/graphql";

let app: RunningApp;
let reader: TestClient;

beforeAll(async () => {
  app = await startApp({ withJobs: true });
  reader = await app.token(["metrics:read"]);
});
afterAll(() => app[Symbol.asyncDispose]());

/** What becomes of an upgrade: 101, or the status it is refused with. */
async function upgrade(
  client: TestClient,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { hostname, port, host } = new URL(client.address);
  const all: Record<string, string> = {
    host,
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...client.headers,
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== "");
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (_socket, chunk) =>
        resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(chunk.toString("latin1"))?.[1] ?? 0)),
      close: () => resolve(0),
    },
  });
  socket.write(
    `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`,
  );
  const status = await promise;
  socket.end();
  return status;
}

/** Opens a socket, sends, and waits for its end. */
async function closeCodeAfter(
  path: string,
  protocol: string | undefined,
  message: string | Uint8Array<ArrayBuffer>,
) {
  const socket = new WebSocket(`${app.address.replace("http", "ws")}${path}`, {
    headers: reader.headers,
    ...(protocol ? { protocols: protocol } : {}),
  } as unknown as string[]);
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.addEventListener("close", (event) => resolve(event.code));
  await new Promise((opened) => socket.addEventListener("open", opened, { once: true }));
  socket.send(message);
  return promise;
}

describe("upgrades", () => {
  test("are guarded as routes are", async () => {
    expect(await upgrade(reader, LIVE)).toBe(101);
    expect(await upgrade(app.guest(), LIVE)).toBe(401);
    expect(await upgrade(await app.token(["users:read"]), LIVE)).toBe(403);
    expect(await upgrade(app.guest(), GRAPHQL, { "sec-websocket-protocol": "graphql-transport-ws" })).toBe(
      401,
    );
  });

  test("of other sites and foreign hosts are refused, whatever credential they carry", async () => {
    const browser = await app.session("viewer");
    expect(await upgrade(browser, LIVE, { origin: app.address })).toBe(101);
    expect(await upgrade(browser, LIVE, { origin: "https://evil.example" })).toBe(403);
    expect(await upgrade(browser, LIVE, { origin: "null" })).toBe(403);
    expect(await upgrade(browser, LIVE, { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await upgrade(reader, LIVE, { host: "evil.example" })).toBe(421);
  });

  test("that are incomplete, of another protocol or for no socket path are refused", async () => {
    expect(await upgrade(reader, GRAPHQL)).toBe(400);
    expect(await upgrade(reader, GRAPHQL, { "sec-websocket-protocol": "graphql-ws" })).toBe(400);
    expect(await upgrade(reader, LIVE, { "sec-websocket-key": "" })).toBeWithin(400, 500);
    expect(await upgrade(reader, "/api/v3/ws/nothing")).toBe(404);
    expect(await upgrade(reader, `${LIVE}?interval=0`)).toBeWithin(400, 500);
  });

  test("are limited in rate", async () => {
    await using limited = await startApp({
      settings: { "limits.sockets.burst": 2, "limits.sockets.perMinute": 1 },
    });
    const client = await limited.token(["metrics:read"]);
    expect([await upgrade(client, LIVE), await upgrade(client, LIVE), await upgrade(client, LIVE)]).toEqual([
      101, 101, 429,
    ]);
  });
});

describe("frames", () => {
  test("that are no message of the protocol end the socket with a proper code", async () => {
    for (const garbage of ["{", "null", "[]", '{"type":"shutdown"}', '{"type":"interval","seconds":-1}']) {
      expect([garbage, await closeCodeAfter(LIVE, undefined, garbage)]).toEqual([garbage, 4400]);
    }
    expect(await closeCodeAfter(LIVE, undefined, new Uint8Array([0, 255, 1]))).toBe(4400);
    expect(await closeCodeAfter(GRAPHQL, "graphql-transport-ws", "nonsense")).toBe(4400);
    expect(await closeCodeAfter(GRAPHQL, "graphql-transport-ws", '{"type":"subscribe","id":"1"}')).toBeWithin(
      4400,
      4500,
    );
  });

  test("that are too large end it with 1009", async () => {
    expect(await closeCodeAfter(LIVE, undefined, "x".repeat(2_000))).toBe(1009);
    expect(await closeCodeAfter(GRAPHQL, "graphql-transport-ws", "x".repeat(100_000))).toBe(1009);
    // Above the limit of the server itself the connection is cut.
    expect([1006, 1009]).toContain(await closeCodeAfter(LIVE, undefined, "x".repeat(1_000_000)));
  });
});
