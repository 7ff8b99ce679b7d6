import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { makeTokens } from "../support/binary-token.ts";
import { IS_FULL, sized } from "../support/sizes.ts";
import { SocketLoadProcess } from "../support/socket-load-process.ts";

const READERS = sized(1_000, 10_000);
const PATH = "/api/v3/ws/live-metrics";
const WARM_UP_READERS = 100;
const DELTAS = 4;
const MAX_SOCKET_BYTES = 4_096;
const TIMEOUT_MS = 120_000;

/** The sockets' rate limit counts one address; here all readers share it. */
const UNLIMITED = {
  BINNACLE_LIMITS__SOCKETS__PER_MINUTE: "10000000",
  BINNACLE_LIMITS__SOCKETS__BURST: "10000000",
};

async function serverWithToken(workspace: Workspace) {
  const tokens = await makeTokens(workspace, { admin: "*", reader: "metrics:read" });
  const server = await RunningBinary.start(workspace.path, { env: UNLIMITED });
  const authorize = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    server,
    port: Number(new URL(server.address).port),
    admin: authorize(tokens.admin),
    reader: authorize(tokens.reader),
    rssBytes: () => {
      const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A few readers come first: what is evaluated and made for the first of them is no reader's own memory. */
async function warmUp({ port, reader: headers }: Awaited<ReturnType<typeof serverWithToken>>): Promise<void> {
  const first = { port, path: `${PATH}?interval=1`, count: WARM_UP_READERS, headers };
  await using load = await SocketLoadProcess.start(first);
  await load.until({ deltas: 1 });
}

describe("live metrics of the binary", () => {
  test(
    `${READERS} sockets get the same deltas, one sampling a second`,
    async () => {
      using workspace = new Workspace();
      await using it = await serverWithToken(workspace);
      const { port, reader: headers } = it;
      await warmUp(it);
      const before = it.rssBytes();
      await using load = await SocketLoadProcess.start({
        port,
        path: `${PATH}?interval=1`,
        count: READERS,
        headers,
      });
      const { frames, open } = await load.until({ deltas: DELTAS });
      const seen = frames.filter(({ type, readers }) => type === "delta" && readers === READERS);
      expect(seen.length).toBeGreaterThanOrEqual(DELTAS);
      for (const [i, { seq, at }] of seen.entries()) {
        if (i === 0) continue;
        expect([seq, at]).toEqual([(seen[i - 1]?.seq ?? 0) + 1, (seen[i - 1]?.at ?? 0) + 1_000]);
      }
      expect(open).toBe(READERS);
      const metrics = await fetch(`${it.server.address}/api/metrics?series=binnacle_sockets_open`, {
        headers,
      });
      expect(await metrics.json()).toMatchObject({ items: [{ value: READERS }] });
      if (IS_FULL) expect((it.rssBytes() - before) / READERS).toBeLessThanOrEqual(MAX_SOCKET_BYTES);
    },
    TIMEOUT_MS,
  );

  test(
    "a token that is revoked takes its sockets along, and no others",
    async () => {
      using workspace = new Workspace();
      await using it = await serverWithToken(workspace);
      const { port } = it;
      await using revoked = await SocketLoadProcess.start({ port, path: PATH, count: 3, headers: it.reader });
      await using other = await SocketLoadProcess.start({ port, path: PATH, count: 2, headers: it.admin });
      const list = await fetch(`${it.server.address}/api/v3/tokens`, { headers: it.admin });
      const { items } = (await list.json()) as { items: { id: string; name: string }[] };
      const { id } = items.find(({ name }) => name === "reader") ?? {};
      const removed = await fetch(`${it.server.address}/api/v3/tokens/${id}`, {
        method: "DELETE",
        headers: it.admin,
      });
      expect(removed.status).toBe(204);
      await revoked.until({ open: 0 });
      expect((await other.report()).open).toBe(2);
    },
    TIMEOUT_MS,
  );

  test("a stranger's page and a caller without a token are turned away before the upgrade", async () => {
    using workspace = new Workspace();
    await using it = await serverWithToken(workspace);
    const connect = (headers: Record<string, string>) =>
      SocketLoadProcess.start({ port: it.port, path: PATH, count: 1, headers });
    await expect(connect({})).rejects.toThrow("HTTP/1.1 401");
    await expect(connect({ ...it.reader, origin: "https://evil.example" })).rejects.toThrow("HTTP/1.1 403");
  });
});
