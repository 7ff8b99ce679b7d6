import { describe, expect, test } from "bun:test";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { makeToken } from "../support/binary-token.ts";
import { sized } from "../support/sizes.ts";
import { runShop } from "../support/traced-shop.ts";

const ROUNDS = sized(3, 30);
const MOST_REPORTS = 60;
const RUNS_A_REPORT = 10;
const ROUND_TIMEOUT_MS = 20_000;
const LIMITS = { BINNACLE_LIMITS__API__BURST: "100000", BINNACLE_LIMITS__API__PER_MINUTE: "10000000" };
const HERE = { BINNACLE_DATA: "data" };

const start = (workspace: Workspace): Promise<RunningBinary> =>
  RunningBinary.start(workspace.path, { env: LIMITS });

async function command<Answer>(workspace: Workspace, ...args: string[]): Promise<Answer> {
  const { stdout, stderr, exitCode } = await runBinary([...args, "--json"], {
    cwd: workspace.path,
    env: HERE,
  });
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answer;
}

interface Statistics {
  operation: string;
  callCount: number;
  errorCount: number;
  maxDuration: number;
}
const countOf = async (workspace: Workspace, window: string): Promise<number> => {
  const list = ["operation", "list", "--text", "resize", "--window", window];
  return (await command<Statistics[]>(workspace, ...list))[0]?.callCount ?? 0;
};

/** Reports runs, and has them written now and then, until the server is killed; how many of them were acknowledged, and how many written. */
async function reportUntilKilled(server: RunningBinary, token: string, reports: number) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const runs = Array.from({ length: RUNS_A_REPORT }, () => ({ operation: "resize", duration: 0.01 }));
  const body = JSON.stringify({ operations: runs });
  let acknowledged = 0;
  let written = 0;
  let killed: Promise<number> | undefined;
  for (let sent = 0; ; sent++) {
    if (sent === reports) killed = server.end("SIGKILL");
    try {
      await fetch(`${server.address}/api/v3/operations`, { method: "POST", headers, body });
      acknowledged += RUNS_A_REPORT;
      // Reading has what was recorded written first.
      if (sent % 4 !== 0) continue;
      const answer = await fetch(`${server.address}/api/v3/profiler/stats?operation=resize`, { headers });
      if (answer.ok) written = acknowledged;
    } catch (error) {
      if (!killed) throw error;
      await killed;
      return { acknowledged: acknowledged + RUNS_A_REPORT, written };
    }
  }
}

describe("operations", () => {
  test(
    "that were written are there after kill -9, none of them twice, in minutes as in hours",
    async () => {
      using workspace = new Workspace();
      const token = await makeToken(workspace, "profiler:write");
      let before = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const server = await start(workspace);
        const { acknowledged, written } = await reportUntilKilled(
          server,
          token,
          1 + Math.floor(Math.random() * MOST_REPORTS),
        );
        await using _restarted = await start(workspace);
        const [inMinutes, inHours] = [await countOf(workspace, "1h"), await countOf(workspace, "24h")];
        expect(inMinutes).toBe(inHours);
        expect(inHours).toBeGreaterThanOrEqual(before + written);
        expect(inHours).toBeLessThanOrEqual(before + acknowledged);
        before = inHours;
      }
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );

  test(
    "are listed by the command, with the server running and stopped",
    async () => {
      using workspace = new Workspace();
      const token = await makeToken(workspace, "profiler:write");
      const server = await start(workspace);
      const shop = await runShop(server.address, token, 3);
      const list = ["operation", "list", "--kind", "app", "--text", "charge card"];
      const expected = [{ operation: "charge card", callCount: 4, errorCount: 1, maxDuration: 1.39 }];
      expect(await command<Statistics[]>(workspace, ...list)).toMatchObject(expected);
      await server.end();
      expect(await command<Statistics[]>(workspace, ...list)).toMatchObject(expected);
      expect(
        await command<{ traceId: string }[]>(workspace, "operation", "slow", "--threshold", "1.3"),
      ).toContainEqual(
        expect.objectContaining({ operation: "charge card", traceId: shop.declined, failed: true }),
      );
      expect(await command<object[]>(workspace, "trace", "list", "--failed")).toMatchObject([
        { traceId: shop.declined, name: "POST /orders", service: "storefront", spanCount: 2, errorCount: 2 },
      ]);
      const text = await runBinary(["trace", "show", shop.declined], { cwd: workspace.path, env: HERE });
      expect(text.stdout).toContain("  !charge card");
      expect(text.stdout).toContain("▇▇▇▇▇▇▇▇");
      const wrong = await runBinary(["operation", "list", "--window", "2y"], {
        cwd: workspace.path,
        env: HERE,
      });
      expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("24h")]);
    },
    ROUND_TIMEOUT_MS * 3,
  );
});
