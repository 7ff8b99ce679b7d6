import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { makeToken } from "../support/binary-token.ts";
import { anyOf } from "../support/killed-process.ts";
import { IS_FULL } from "../support/sizes.ts";
import { TickFeed } from "../support/tick-feed.ts";
import { until } from "../support/until.ts";

const ROUNDS = IS_FULL ? 100 : 12;
/** The kill falls behind one of the first so many acknowledged users, every third time behind so many samplings more than one. */
const MOST_USERS = 6;
const MOST_TICKS = 2;
const ROOMY = { BINNACLE_LIMITS__API__PER_MINUTE: "10000000", BINNACLE_LIMITS__API__BURST: "10000000" };
const ROUND_TIMEOUT_MS = 30_000;
/** Measured at every sampling, the first included. */
const SERIES = "memory_used_percent";

describe("kill -9", () => {
  test(
    "at any moment loses no acknowledged user, damages nothing, and costs at most one interval of samples",
    async () => {
      using workspace = new Workspace();
      const token = await makeToken(workspace);
      const acknowledged = new Set<string>();
      const sampled: number[] = [];
      const startedAt = Date.now();
      for (let round = 0; round < ROUNDS; round++) {
        const server = await start(workspace);
        using ticks = await TickFeed.open(server.address, token);
        const writing = addUsers(server.address, token, `round${round}`, acknowledged);
        await untilSeen(ticks, round, acknowledged);
        await server.end("SIGKILL");
        // The last one may have been told of and not yet stored.
        sampled.push(...ticks.times.slice(0, -1));
        await writing;
        expectSound(workspace, acknowledged);
      }
      expect(acknowledged.size).toBeGreaterThan(ROUNDS);
      expect(sampled.length).toBeGreaterThan(0);
      const stored = await storedTimes(workspace, token, startedAt);
      expect(sampled.filter((at) => !stored.has(at))).toEqual([]);
      const doctor = await runBinary(["doctor", "--json", "--data", "data"], { cwd: workspace.path });
      expect(doctor.exitCode).toBe(0);
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );
});

/** Waits for what the kill of this round falls behind. */
async function untilSeen(ticks: TickFeed, round: number, acknowledged: ReadonlySet<string>): Promise<void> {
  if (round % 3 === 0) return await ticks.next(1 + anyOf(MOST_TICKS));
  const before = acknowledged.size;
  const count = anyOf(MOST_USERS);
  await until(() => acknowledged.size - before >= count);
}

/** Adds users one after another until the server is gone; remembers those that were acknowledged. */
async function addUsers(
  address: string,
  token: string,
  prefix: string,
  acknowledged: Set<string>,
): Promise<void> {
  for (let count = 0; ; count++) {
    const name = `${prefix}-${count}`;
    try {
      const response = await fetch(`${address}/api/v3/users`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ name, role: "viewer", password: `a long pass phrase for ${name}` }),
      });
      if (response.status === 201) acknowledged.add(name);
      else throw new Error(`Adding ${name}: ${response.status} ${await response.text()}`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("Adding")) throw error;
      return; // the server is gone
    }
  }
}

const start = (workspace: Workspace): Promise<RunningBinary> =>
  RunningBinary.start(workspace.path, {
    env: { ...ROOMY, BINNACLE_METRICS__INTERVAL_SECONDS: "1" },
  });

function expectSound(workspace: Workspace, acknowledged: ReadonlySet<string>): void {
  openSound(workspace.file("data/samples.db")).close();
  const state = openSound(workspace.file("data/state.db"));
  const names = new Set(
    state
      .query<{ name: string }, []>("SELECT name FROM users")
      .all()
      .map((row) => row.name),
  );
  state.close();
  expect([...acknowledged].filter((name) => !names.has(name))).toEqual([]);
}

function openSound(path: string): Database {
  const database = new Database(path, { readwrite: true });
  expect(database.query("PRAGMA integrity_check").values()).toEqual([["ok"]]);
  expect(database.query("PRAGMA foreign_key_check").values()).toEqual([]);
  return database;
}

/** The times of all stored samples of one series, as the next server exports them. */
async function storedTimes(workspace: Workspace, token: string, from: number): Promise<Set<number>> {
  await using server = await start(workspace);
  const query = new URLSearchParams({
    format: "csv",
    series: SERIES,
    from: String(from),
    to: String(Date.now()),
  });
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.address}/api/metrics/export?${query}`, { headers });
  const [header = "", ...rows] = (await response.text()).trim().split("\n");
  const column = header.split(",").indexOf("at");
  return new Set(rows.map((row) => Number(row.split(",")[column])));
}
