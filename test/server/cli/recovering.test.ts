import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, renameSync, statSync } from "node:fs";
import { recoverKeyFile } from "../../../server/cli/recovering.ts";
import { AS_OWNER } from "../../support/access.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { housePaths, SecretHouse } from "../secrets/secret-house.ts";

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** A house with one secret whose key file is lost; gives its recovery key and what the file held. */
async function lost(): Promise<{ recoveryKey: string; key: string }> {
  const { key } = housePaths(folder.path);
  await using house = await SecretHouse.open(folder.path, new ManualClock());
  await house.secrets.set("A", { value: "still there" }, AS_OWNER);
  const { text } = await house.secrets.keys.createRecovery(AS_OWNER);
  await house.secrets.keys.rotateMaster(AS_OWNER);
  const held = readFileSync(key, "utf8");
  renameSync(key, `${key}.lost`);
  return { recoveryKey: text, key: held };
}

describe("a lost key file", () => {
  test("is made anew from the recovery key as a person types it, also after the master key was replaced", async () => {
    const { recoveryKey, key } = await lost();
    const typed = ` ${recoveryKey.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")}\n`;
    const path = await recoverKeyFile(folder.path, typed);
    expect(readFileSync(path, "utf8")).toBe(key);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await using house = await SecretHouse.open(folder.path, new ManualClock());
    expect(house.secrets.use("A", "test")).toBe("still there");
  });

  test("is not made from a recovery key with a slip, another server's, or one that was replaced", async () => {
    const { recoveryKey } = await lost();
    const slip = recoveryKey.startsWith("2") ? `3${recoveryKey.slice(1)}` : `2${recoveryKey.slice(1)}`;
    await expect(recoverKeyFile(folder.path, slip)).rejects.toThrow("Look for a slip");
    using elsewhere = new TempFolder();
    await using other = await SecretHouse.open(elsewhere.path, new ManualClock());
    const { text } = await other.secrets.keys.createRecovery(AS_OWNER);
    await expect(recoverKeyFile(folder.path, text)).rejects.toThrow("another server");
  });

  test("is never written over one that is there", async () => {
    const { recoveryKey } = await lost();
    const path = await recoverKeyFile(folder.path, recoveryKey);
    await expect(recoverKeyFile(folder.path, recoveryKey)).rejects.toThrow(`${path} is there`);
  });
});
