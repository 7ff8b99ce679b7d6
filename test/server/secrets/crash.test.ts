import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { systemClock } from "../../../server/lib/clock.ts";
import { anyOf, runUntilKilled } from "../../support/killed-process.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { SecretHouse } from "./secret-house.ts";

const ROUNDS = sized(6, 100);
/** The kill falls behind one of the first so many lines: a secret stored, a step of a rotation. */
const MOST_SAID = 60;
const ROUND_TIMEOUT_MS = 20_000;
const WRITER = `${import.meta.dirname}/crash-process.ts`;
const STEPS = ["staged", "wrapped", "swapped", "dropped"] as const;

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Lets the writer store and rotate until it is killed, at a step by itself or behind so many lines; the secrets that it said. */
async function live(round: number, end: { step: string } | { count: number }): Promise<string[]> {
  const [step, count] = "step" in end ? [end.step, undefined] : ["", end.count];
  const { lines, isKilled } = await runUntilKilled(WRITER, [folder.path, String(round), step], count);
  expect(isKilled).toBe(true);
  return lines.filter((line) => line.includes("="));
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
        remember(said, await live(round, { count: anyOf(MOST_SAID) }));
        await expectWhole(said);
      }
      expect(said.size).toBeGreaterThan(ROUNDS);
    },
    ROUNDS * ROUND_TIMEOUT_MS,
  );
});
