import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { IS_FULL } from "../support/sizes.ts";

const ROUNDS = IS_FULL ? 100 : 12;
const INTERVAL_MS = 1_000;
/** The kill falls anywhere between the first request and this. */
const MAX_LIFE_MS = 5_000;
const ROUND_TIMEOUT_MS = 30_000;
/** Measured at every sampling, the first included. */
const SERIES = "memory_used_percent";

/** When one server was up. */
interface Life {
  from: number;
  until: number;
}

describe("kill -9", () => {
  test(
    "at any moment loses no acknowledged user, damages nothing, and costs at most one interval of samples",
    async () => {
      using workspace = new Workspace();
      const token = await makeAdminToken(workspace);
      const acknowledged = new Set<string>();
      const lives: Life[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const server = await start(workspace);
        const from = Date.now();
        const writing = addUsers(server.address, token, `round${round}`, acknowledged);
        await Bun.sleep(Math.random() * MAX_LIFE_MS);
        const until = Date.now();
        await server.end("SIGKILL");
        lives.push({ from, until });
        await writing;
        expectSound(workspace, acknowledged);
      }
      expect(acknowledged.size).toBeGreaterThan(ROUNDS);
      expect(missingSamples(lives, await storedTimes(workspace, token, lives))).toEqual([]);
      const doctor = await runBinary(["doctor", "--json", "--data", "data"], { cwd: workspace.path });
      expect(doctor.exitCode).toBe(0);
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );
});

async function makeAdminToken(workspace: Workspace): Promise<string> {
  const here = { cwd: workspace.path, env: { BINNACLE_DATA: "data" } };
  await runBinary(["user", "add", "admin", "--role", "admin", "--password-file", "-"], {
    ...here,
    stdin: "correct horse battery staple",
  });
  const made = await runBinary(
    ["token", "create", "--user", "admin", "--name", "test", "--scopes", "*", "--json"],
    here,
  );
  return (JSON.parse(made.stdout) as { token: string }).token;
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
      else if (response.status !== 429)
        throw new Error(`Adding ${name}: ${response.status} ${await response.text()}`);
      else await Bun.sleep(Number(response.headers.get("retry-after") ?? 1) * 1_000);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("Adding")) throw error;
      return; // the server is gone
    }
  }
}

const start = (workspace: Workspace): Promise<RunningBinary> =>
  RunningBinary.start(workspace.path, {
    env: { BINNACLE_METRICS__INTERVAL_SECONDS: String(INTERVAL_MS / 1_000) },
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
async function storedTimes(
  workspace: Workspace,
  token: string,
  lives: readonly Life[],
): Promise<Set<number>> {
  await using server = await start(workspace);
  const query = new URLSearchParams({
    format: "csv",
    series: SERIES,
    from: String(lives[0]?.from ?? 0),
    to: String(Date.now()),
  });
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.address}/api/metrics/export?${query}`, { headers });
  const [header = "", ...rows] = (await response.text()).trim().split("\n");
  const column = header.split(",").indexOf("at");
  return new Set(rows.map((row) => Number(row.split(",")[column])));
}

/** Samples that should be there: every due one of a life but its last, which the kill may have caught on its way. */
function missingSamples(lives: readonly Life[], stored: ReadonlySet<number>): number[] {
  return lives.flatMap(({ from, until }) => {
    const first = Math.ceil(from / INTERVAL_MS) * INTERVAL_MS + INTERVAL_MS;
    const due: number[] = [];
    for (let at = first; at < until - INTERVAL_MS; at += INTERVAL_MS) due.push(at);
    return due.filter((at) => !stored.has(at));
  });
}
