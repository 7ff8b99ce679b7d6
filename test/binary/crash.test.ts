import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { IS_FULL } from "../support/sizes.ts";

const ROUNDS = IS_FULL ? 100 : 12;
const INTERVAL_MS = 1_000;
/** The kill falls anywhere between the first request and this. */
const MAX_LIFE_MS = 1_500;
const ROUND_TIMEOUT_MS = 20_000;

describe("kill -9", () => {
  test(
    "at any moment loses no acknowledged user, damages nothing, and costs at most one interval of samples",
    async () => {
      using workspace = new Workspace();
      const token = await makeAdminToken(workspace);
      const acknowledged = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        const server = await RunningBinary.start(workspace.path, {
          env: { BINNACLE_METRICS__INTERVAL_SECONDS: String(INTERVAL_MS / 1_000) },
        });
        const life = Math.random() * MAX_LIFE_MS;
        const writing = addUsers(server.address, token, `round${round}`, acknowledged);
        await Bun.sleep(life);
        const killedAt = Date.now();
        await server.end("SIGKILL");
        await writing;
        expectSound(workspace, acknowledged);
        expectSamplesUntil(workspace, killedAt, life);
      }
      expect(acknowledged.size).toBeGreaterThan(ROUNDS);
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

function expectSound(workspace: Workspace, acknowledged: ReadonlySet<string>): void {
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

/** The newest stored sample is at most one interval older than the kill (two when the next one was just due). */
function expectSamplesUntil(workspace: Workspace, killedAt: number, life: number): void {
  const samples = openSound(workspace.file("data/samples.db"));
  const last =
    samples.query<{ at: number | null }, []>("SELECT max(at) AS at FROM sample_log").get()?.at ?? 0;
  samples.close();
  if (life > 2 * INTERVAL_MS) expect(killedAt - last).toBeLessThan(2 * INTERVAL_MS);
}

function openSound(path: string): Database {
  const database = new Database(path, { readwrite: true });
  expect(database.query("PRAGMA integrity_check").values()).toEqual([["ok"]]);
  expect(database.query("PRAGMA foreign_key_check").values()).toEqual([]);
  return database;
}
