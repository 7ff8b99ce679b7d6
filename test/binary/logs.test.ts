import { describe, expect, test } from "bun:test";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { makeToken } from "../support/binary-token.ts";
import { sized } from "../support/sizes.ts";

const ROUNDS = sized(3, 30);
const MOST_REQUESTS = 40;
const LINES_A_REQUEST = 50;
const ROUND_TIMEOUT_MS = 20_000;
const LIMITS = { BINNACLE_LIMITS__INGEST__BURST: "100000", BINNACLE_LIMITS__API__BURST: "100000" };

const start = (workspace: Workspace): Promise<RunningBinary> =>
  RunningBinary.start(workspace.path, { env: LIMITS });

/** Lines `from`…, as one request of OTLP/JSON. */
const requestOf = (from: number): string =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "app" } }] },
        scopeLogs: [
          {
            logRecords: Array.from({ length: LINES_A_REQUEST }, (_, n) => ({
              body: { stringValue: `line ${from + n}` },
            })),
          },
        ],
      },
    ],
  });

/** Sends request after request, and kills the server behind the one of number `count`; how many lines were acknowledged. */
async function sendUntilKilled(
  server: RunningBinary,
  token: string,
  first: number,
  count: number,
): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  let next = first;
  let killed: Promise<number> | undefined;
  for (let sent = 0; ; sent++) {
    if (sent === count) killed = server.end("SIGKILL");
    try {
      const response = await fetch(`${server.address}/v1/logs`, {
        method: "POST",
        headers,
        body: requestOf(next),
      });
      expect(response.status).toBe(200);
      next += LINES_A_REQUEST;
    } catch (error) {
      if (!killed) throw error;
      await killed;
      return next;
    }
  }
}

async function storedMessages(server: RunningBinary, token: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.address}/api/v3/logs/export?source=app`, { headers });
  const lines = (await response.text()).split("\n").filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { message: string }).message);
}

describe("logs", () => {
  test("of an application with the official SDK are there", async () => {
    using workspace = new Workspace();
    const token = await makeToken(workspace, "logs:write");
    await using server = await start(workspace);
    const headers = { authorization: `Bearer ${token}` };
    const exporter = new OTLPLogExporter({ url: `${server.address}/v1/logs`, headers });
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ "service.name": "app" }),
      processors: [new SimpleLogRecordProcessor({ exporter })],
    });
    provider.getLogger("shop").emit({ severityNumber: SeverityNumber.ERROR, body: "out of stock" });
    await provider.shutdown();
    expect(await storedMessages(server, token)).toEqual(["out of stock"]);
    const command = ["logs", "tail", "--data", "data", "--source", "app", "--json"];
    const tail = await runBinary(command, { cwd: workspace.path });
    expect(JSON.parse(tail.stdout)).toMatchObject({ level: "error", source: "app", message: "out of stock" });
  });

  test(
    "that were acknowledged are there after kill -9, and at most the request under way is there without an answer",
    async () => {
      using workspace = new Workspace();
      const token = await makeToken(workspace, "logs:write");
      let next = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const server = await start(workspace);
        const count = 1 + Math.floor(Math.random() * MOST_REQUESTS);
        const acknowledged = await sendUntilKilled(server, token, next, count);
        await using restarted = await start(workspace);
        const stored = await storedMessages(restarted, token);
        expect([acknowledged, acknowledged + LINES_A_REQUEST]).toContain(stored.length);
        expect(stored).toEqual(stored.map((_, n) => `line ${n}`));
        next = stored.length;
      }
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );
});
