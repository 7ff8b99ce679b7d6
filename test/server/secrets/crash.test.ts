import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { systemClock } from "../../../server/lib/clock.ts";
import { IS_FULL, sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { SecretHouse } from "./secret-house.ts";

const ROUNDS = sized(6, 100);
const MAX_LIFE_MS = 900;
const ROUND_TIMEOUT_MS = 20_000;
const STEPS = ["staged", "wrapped", "swapped", "dropped"] as const;

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Starts the writer, kills it, and gives what it said. */
async function live(round: number, end: { step: string } | { afterMs: number }): Promise<string[]> {
  const step = "step" in end ? end.step : "";
  const process = Bun.spawn(
    [Bun.argv[0] ?? "bun", `${import.meta.dir}/crash-process.ts`, folder.path, String(round), step],
    { stdout: "pipe", stderr: "inherit" },
  );
  const text = new Response(process.stdout).text();
  if ("afterMs" in end) {
    await Promise.race([started(folder), process.exited]);
    await Bun.sleep(end.afterMs);
    process.kill("SIGKILL");
  }
  await process.exited;
  expect(process.signalCode).toBe("SIGKILL");
  return (await text).split("\n").filter((line) => line.includes("="));
}

/** The database is there: from now on the kill falls into the work. */
async function started({ path }: TempFolder): Promise<void> {
  while (!readdirSync(path).includes("audit.head")) await Bun.sleep(10);
}

/** Every secret as it was said last is there or was replaced by a later one; keys and chain are whole. */
async function expectWhole(said: ReadonlyMap<string, string>): Promise<void> {
  await using house = await SecretHouse.open(folder.path, systemClock);
  for (const [name, value] of said) {
    const found = house.secrets.use(name, "test");
    expect({ name, isLost: numberOf(found) < numberOf(value) }).toEqual({ name, isLost: false });
  }
  expect(await house.auditLog.verify()).toBeUndefined();
  expect(readdirSync(folder.path).filter((file) => file.startsWith("binnacle.key"))).toEqual([
    "binnacle.key",
  ]);
  const masters = house.state.reader.$client
    .query("SELECT DISTINCT master_id AS id FROM secret_key_wraps")
    .all();
  expect(masters).toEqual([{ id: house.keyring.masterId }]);
  await house.secrets.keys.finishRotation();
  expect((await house.secrets.keys.state()).secretsUnderOldKeys).toBe(0);
}

const numberOf = (value: string): number => Number(value.split(" ").at(-1));

function remember(said: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [name = "", value = ""] = line.split("=");
    said.set(name, value);
  }
}

describe("kill -9", () => {
  test.each(STEPS)(
    "at the step %s of a new master key loses nothing",
    async (step) => {
      const said = new Map<string, string>();
      remember(said, await live(0, { step }));
      expect(said.size).toBe(1);
      await expectWhole(said);
    },
    ROUND_TIMEOUT_MS,
  );

  test(
    "at any moment of storing and rotating loses no acknowledged secret, and the chain holds",
    async () => {
      const said = new Map<string, string>();
      for (let round = 1; round <= ROUNDS; round++) {
        remember(said, await live(round, { afterMs: Math.random() * MAX_LIFE_MS }));
        await expectWhole(said);
      }
      if (IS_FULL) expect(said.size).toBeGreaterThan(ROUNDS);
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );
});
