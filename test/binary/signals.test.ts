import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { IS_FULL, sized } from "../support/sizes.ts";

/** At full size with the time that it has when nobody sets one. */
const DRAIN_LIMIT_MS = sized(5_000, 10_000);
const DRAIN = IS_FULL ? {} : { BINNACLE_SERVER__DRAIN_SECONDS: "2" };
const TEST_TIMEOUT_MS = 20_000;
/** Nothing is waited for. */
const IDLE_LIMIT_MS = 5_000;
/** A second signal does not wait for anything. */
const AT_ONCE_MS = 1_000;

/** A client that sends half a request and then nothing: the server cannot finish it by itself. */
async function stuckRequest(address: string): Promise<Disposable> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {}); // the server cuts it in the end: that is the point
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(
    `POST /api/v3/session HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  );
  return { [Symbol.dispose]: () => socket.destroy() };
}

describe("ending the server", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends an idle server well, and nothing is left behind",
    async (signal) => {
      using workspace = new Workspace();
      const server = await RunningBinary.start(workspace.path);
      expect(existsSync(workspace.file("data/control.sock"))).toBe(true);
      const startedAt = performance.now();
      expect(await server.end(signal)).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(IDLE_LIMIT_MS);
      for (const name of ["control.sock", "binnacle.pid", "state.db-wal", "samples.db-wal"]) {
        expect(existsSync(workspace.file(`data/${name}`))).toBe(false);
      }
    },
  );

  test(
    `a request that never ends does not hold it longer than ${DRAIN_LIMIT_MS / 1_000} seconds`,
    async () => {
      using workspace = new Workspace();
      const server = await RunningBinary.start(workspace.path, { env: DRAIN });
      using _stuck = await stuckRequest(server.address);
      const startedAt = performance.now();
      expect(await server.end()).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(DRAIN_LIMIT_MS);
    },
    TEST_TIMEOUT_MS,
  );

  test("a second signal ends it at once", async () => {
    using workspace = new Workspace();
    const server = await RunningBinary.start(workspace.path, {
      env: { BINNACLE_SERVER__DRAIN_SECONDS: "60" },
    });
    using _stuck = await stuckRequest(server.address);
    server.process.kill("SIGTERM");
    await untilRefused(server.address);
    const startedAt = performance.now();
    expect([130, 143]).toContain(await server.end("SIGINT"));
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
  });
});

/** The first signal has arrived once no new connection is taken. */
async function untilRefused(address: string): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(`${address}/readyz`, { headers: { connection: "close" } });
      if (!response.ok) return;
    } catch {
      return;
    }
  }
}
