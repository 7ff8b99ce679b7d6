import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { newKeyBytes } from "../../../server/secrets/envelope.ts";
import { MAX_VALUE_BYTES } from "../../../server/secrets/service.ts";
import { AS_OWNER } from "../../support/access.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { housePaths, SecretHouse } from "./secret-house.ts";

const VALUE = "correct-horse-battery";

let folder: TempFolder;
let clock: ManualClock;
const open = () => SecretHouse.open(folder.path, clock);

beforeEach(() => {
  folder = new TempFolder();
  clock = new ManualClock();
});
afterEach(() => folder[Symbol.dispose]());

describe("a secret", () => {
  test("is there after a restart, by name, and never in what lists it or in any file", async () => {
    {
      await using house = await open();
      const { isNew } = await house.secrets.set(
        "SMTP_PASSWORD",
        { value: VALUE, description: "Mail" },
        AS_OWNER,
      );
      expect(isNew).toBe(true);
    }
    await using house = await open();
    expect(house.secrets.use("SMTP_PASSWORD", "test")).toBe(VALUE);
    const page = await house.secrets.list({ limit: 10 });
    expect(page.items).toMatchObject([
      { name: "SMTP_PASSWORD", description: "Mail", version: 1, changedBy: "owner" },
    ]);
    expect(JSON.stringify(page)).not.toContain(VALUE);
    await house.state.foldWal();
    for (const name of readdirSync(folder.path)) {
      expect(readFileSync(folder.file(name)).includes(VALUE)).toBe(false);
    }
  });

  test("keeps its description with a new value, and is removed with its uses", async () => {
    await using house = await open();
    const { secrets } = house;
    await secrets.set("A", { value: "first", description: "kept" }, AS_OWNER);
    const { secret, isNew } = await secrets.set("A", { value: "second" }, AS_OWNER);
    expect({ isNew, ...secret }).toMatchObject({ isNew: false, version: 2, description: "kept" });
    expect(secrets.use("A", "test")).toBe("second");
    await secrets.flushUses();
    await secrets.remove("A", AS_OWNER);
    expect(() => secrets.use("A", "test")).toThrow("no secret named A");
    expect(await secrets.list({ limit: 10 })).toEqual({ items: [], nextCursor: null });
    await expect(secrets.remove("A", AS_OWNER)).rejects.toMatchObject({ code: "secret_not_found" });
  });

  test.each([
    ["a name in small letters", "smtp", VALUE],
    ["a name that begins with a digit", "1A", VALUE],
    ["a name of 65 characters", "A".repeat(65), VALUE],
    ["an empty value", "A", ""],
    ["a value over 64 KiB", "A", "x".repeat(MAX_VALUE_BYTES + 1)],
    ["a value over 64 KiB in bytes only", "A", "é".repeat(MAX_VALUE_BYTES / 2 + 1)],
    ["half a character", "A", "\ud800abcdef"],
  ])("is refused with %s, and the refusal does not repeat the value", async (_what, name, value) => {
    await using house = await open();
    const error = await house.secrets.set(name, { value }, AS_OWNER).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "validation_failed" });
    if (value) expect(String(error)).not.toContain(value);
    expect(await house.secrets.list({ limit: 10 })).toMatchObject({ items: [] });
  });

  test("whose row was exchanged with another's, or set back, does not open", async () => {
    {
      await using house = await open();
      await house.secrets.set("A", { value: "value of a" }, AS_OWNER);
      await house.secrets.set("B", { value: "value of b" }, AS_OWNER);
      await house.state.write((tx) =>
        tx.$client.run(
          "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'A') WHERE name = 'B'",
        ),
      );
    }
    const error = await open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "secret_unreadable" });
    expect(String(error)).toContain("B");
  });
});

describe("uses", () => {
  test("are counted by purpose, and written into the audit log once a minute", async () => {
    await using house = await open();
    const { secrets } = house;
    await secrets.set("A", { value: VALUE }, AS_OWNER);
    const resolve = secrets.resolver("configuration");
    for (let index = 0; index < 500; index++) resolve("A");
    expect(resolve("MISSING")).toBeUndefined();
    secrets.use("A", "plugin:mail", AS_OWNER);
    await secrets.flushUses();
    await house.audit.flush();
    const [secret] = (await secrets.list({ limit: 1 })).items;
    expect(secret).toMatchObject({ uses: 501, lastUsedAt: clock.now() });
    expect(secret?.usedBy.map(({ purpose, count }) => [purpose, count]).sort()).toEqual([
      ["configuration", 500],
      ["plugin:mail", 1],
    ]);
    const rows = await house.auditLog.list({ action: "secret.use" }, { limit: 10 });
    expect(
      rows.items.map(({ actor, target, count, detail }) => ({ actor, target, count, detail })).reverse(),
    ).toEqual([
      { actor: "binnacle", target: "A", count: 500, detail: '{"purpose":"configuration"}' },
      { actor: "owner", target: "A", count: 1, detail: '{"purpose":"plugin:mail"}' },
    ]);
  });

  test("of ever new purposes stay bounded", async () => {
    await using house = await open();
    await house.secrets.set("A", { value: VALUE }, AS_OWNER);
    for (let index = 0; index < 300; index++) {
      await clock.advance(1_000);
      house.secrets.use("A", `purpose-${index}`);
      if (index % 50 === 49) await house.secrets.flushUses();
    }
    const [secret] = (await house.secrets.list({ limit: 1 })).items;
    expect(secret?.usedBy[0]?.purpose).toBe("purpose-299");
    expect(house.state.reader.$client.query("SELECT count(*) AS uses FROM secret_uses").get()).toEqual({
      uses: 100,
    });
  });
});

describe("rotation", () => {
  test("of the data key encrypts every secret anew and forgets the old key", async () => {
    await using house = await open();
    for (let index = 0; index < 20; index++)
      await house.secrets.set(`S${index}`, { value: `${VALUE}${index}` }, AS_OWNER);
    const before = await house.store.listRows();
    expect(await house.secrets.keys.rotateData(AS_OWNER)).toBe(20);
    const after = await house.store.listRows();
    expect(
      after.every(
        (row, index) => row.keyVersion === 2 && !row.sealed.equals(before[index]?.sealed ?? row.sealed),
      ),
    ).toBe(true);
    expect((await house.keyStore.listKeys()).map(({ id }) => id)).toEqual(["audit-1", "data-2"]);
    await using reopened = await reopen(house);
    expect(reopened.secrets.use("S7", "test")).toBe(`${VALUE}7`);
  });

  test("of the master key keeps every secret, the audit chain and the recovery key", async () => {
    await using house = await open();
    await house.secrets.set("A", { value: VALUE }, AS_OWNER);
    const before = readFileSync(housePaths(folder.path).key, "utf8");
    const { ending } = await house.secrets.keys.createRecovery(AS_OWNER);
    await house.secrets.keys.rotateData(AS_OWNER);
    await house.secrets.keys.rotateMaster(AS_OWNER);
    expect(readFileSync(housePaths(folder.path).key, "utf8")).not.toBe(before);
    await house.secrets.set("B", { value: "set afterwards" }, AS_OWNER);
    await using reopened = await reopen(house);
    expect([reopened.secrets.use("A", "test"), reopened.secrets.use("B", "test")]).toEqual([
      VALUE,
      "set afterwards",
    ]);
    expect(await reopened.auditLog.verify()).toBeUndefined();
    await reopened.secrets.keys.confirmRecovery(ending.toLowerCase(), AS_OWNER);
    expect(await reopened.keyStore.listRecoveryWraps()).toMatchObject([
      { masterId: reopened.keyring.masterId },
    ]);
  });

  test("of the master key is refused while the environment holds it, which hands over by itself", async () => {
    const [first, second] = [newKeyBytes(), newKeyBytes()];
    {
      await using house = await SecretHouse.open(folder.path, clock, { key: first });
      await house.secrets.set("A", { value: VALUE }, AS_OWNER);
      await expect(house.secrets.keys.rotateMaster(AS_OWNER)).rejects.toMatchObject({
        code: "key_in_environment",
      });
    }
    await expect(SecretHouse.open(folder.path, clock, { key: second })).rejects.toMatchObject({
      code: "key_mismatch",
    });
    {
      await using house = await SecretHouse.open(folder.path, clock, { key: second, previousKey: first });
      expect(house.secrets.use("A", "test")).toBe(VALUE);
    }
    await using house = await SecretHouse.open(folder.path, clock, { key: second });
    expect(house.secrets.use("A", "test")).toBe(VALUE);
    await expect(SecretHouse.open(folder.path, clock, { key: first })).rejects.toMatchObject({
      code: "key_mismatch",
    });
  });
});

describe("the recovery key", () => {
  test("is confirmed by its ending only, and each new one takes the place of the last", async () => {
    await using house = await open();
    expect((await house.secrets.keys.state()).recovery).toBeUndefined();
    const first = await house.secrets.keys.createRecovery(AS_OWNER);
    const second = await house.secrets.keys.createRecovery(AS_OWNER);
    expect(second.text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){13}[0-9A-HJKMNP-TV-Z]{4}$/);
    await expect(house.secrets.keys.confirmRecovery(first.ending, AS_OWNER)).rejects.toMatchObject({
      code: "recovery_key_invalid",
    });
    await house.secrets.keys.confirmRecovery(second.ending, AS_OWNER);
    expect((await house.secrets.keys.state()).recovery).toEqual({
      createdAt: clock.now(),
      confirmedAt: clock.now(),
    });
  });
});

async function reopen(house: SecretHouse): Promise<SecretHouse> {
  await house.audit.flush();
  await house.state.close();
  const opened = await open();
  await house.state.reopen();
  return opened;
}
