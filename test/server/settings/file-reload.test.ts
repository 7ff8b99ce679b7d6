import { describe, expect, test } from "bun:test";
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { InvalidConfiguration } from "../../../server/config/invalid-configuration.ts";
import type { SettingKey, SettingValue } from "../../../server/config/schema.ts";
import { until as when } from "../../support/until.ts";
import { SettingsHouse } from "./settings-house.ts";

/** What the product promises. */
const PROMISED_MS = 500;

async function running(options: ConstructorParameters<typeof SettingsHouse>[0] = {}): Promise<SettingsHouse> {
  const house = await new SettingsHouse(options).open();
  house.reload.start();
  return house;
}

/** Resolves with the milliseconds until the setting has that value. */
async function until<Key extends SettingKey>(
  house: SettingsHouse,
  key: Key,
  value: SettingValue<Key>,
): Promise<number> {
  const startedAt = performance.now();
  await when(() => JSON.stringify(house.configuration.merged.written.get(key)) === JSON.stringify(value));
  return performance.now() - startedAt;
}

/** Resolves once the watch has looked at the files so often more, and found them being written each time. */
async function foundBeingWritten(house: SettingsHouse, times: number): Promise<void> {
  const look = house.files.beingWritten.bind(house.files);
  let found = 0;
  house.files.beingWritten = () => {
    const paths = look();
    if (paths.length > 0) found++;
    return paths;
  };
  await when(() => found >= times);
  house.files.beingWritten = look;
}

const rejectionOf = (house: SettingsHouse) => house.journal.rejections[0];

describe("an edit of a configuration file", () => {
  test("takes effect by itself, within what is promised, however the file is written", async () => {
    await using house = await running({ files: { "binnacle.yaml": "log:\n  level: info\n" } });
    house.write("binnacle.yaml", "log:\n  level: debug\n");
    expect(await until(house, "log.level", "debug")).toBeLessThan(PROMISED_MS);
    house.replace("binnacle.yaml", "log:\n  level: warning\n");
    expect(await until(house, "log.level", "warning")).toBeLessThan(PROMISED_MS);
    // The dance of editors that keep a backup: away with the old one, a new one in its place.
    renameSync(house.folder.file("binnacle.yaml"), house.folder.file("binnacle.yaml~"));
    house.write("binnacle.yaml", "log:\n  level: error\n");
    expect(await until(house, "log.level", "error")).toBeLessThan(PROMISED_MS);
    const keys = house.published.map(({ payload }) => payload.keys);
    expect(keys).toEqual([["log.level"], ["log.level"], ["log.level"]]);
  });

  test("stands in the history with the file as its author", async () => {
    await using house = await running();
    house.write("binnacle.yaml", "log:\n  level: debug\n");
    await until(house, "log.level", "debug");
    await house.reload.stop();
    const { items } = await house.editor.listHistory({ limit: 5 });
    expect(items).toMatchObject([
      {
        action: "file",
        actor: house.folder.file("binnacle.yaml"),
        changes: [{ key: "log.level", before: "info", after: "debug" }],
      },
    ]);
  });

  test("that is wrong changes nothing, and is told with file, line, column, key and what is allowed", async () => {
    const good = "log:\n  level: warning\nmetrics:\n  intervalSeconds: 10\n";
    await using house = await running({ files: { "binnacle.yaml": good } });
    house.write("binnacle.yaml", `${good}server:\n  prot: 9000\n`);
    await when(() => rejectionOf(house) !== undefined);
    const path = house.folder.file("binnacle.yaml");
    expect(rejectionOf(house)).toMatchObject({
      source: "files",
      problems: [{ path: "server.prot", origin: path, line: 6, column: 3 }],
    });
    expect(rejectionOf(house)?.message).toContain(`did you mean "server.port"? (${path}:6:3)`);
    expect(house.configuration.settings.metrics.intervalSeconds).toBe(10);
    expect(house.published).toMatchObject([
      { name: "config.rejected", payload: { key: "server.prot", line: 6, column: 3, origin: path } },
    ]);
    expect(house.logged.map(({ message }) => message).join()).toContain("was not taken");

    house.write("binnacle.yaml", "log: [\n");
    await when(() => rejectionOf(house)?.problems[0]?.path === "");
    expect(rejectionOf(house)?.message).toContain(`${path}:`);
    expect(house.configuration.settings.log.level).toBe("warning");

    house.write("binnacle.yaml", "log:\n  level: loud\n");
    await when(() => rejectionOf(house)?.problems[0]?.path === "log.level");
    expect(rejectionOf(house)?.message).toContain("one of debug, info, warning, error");

    house.write("binnacle.yaml", "log:\n  level: debug\n");
    await until(house, "log.level", "debug");
    expect(house.journal.rejections).toEqual([]);
  });

  test("is not read while somebody is still writing it, even if what is there would be valid", async () => {
    const whole = "log:\n  level: warning\nmetrics:\n  intervalSeconds: 10\n";
    await using house = await running({ files: { "binnacle.yaml": whole } });
    const file = openSync(house.folder.file("binnacle.yaml"), "w");
    // Emptied: as a whole it would mean that every setting has its default.
    await foundBeingWritten(house, 3);
    expect(house.configuration.settings.log.level).toBe("warning");
    writeSync(file, "log:\n  level: debug\n");
    await foundBeingWritten(house, 3);
    expect(house.configuration.settings.log.level).toBe("warning");
    writeSync(file, "metrics:\n  intervalSeconds: 20\n");
    closeSync(file);
    await until(house, "metrics.intervalSeconds", 20);
    expect(house.configuration.settings.log.level).toBe("debug");
    expect(house.published).toHaveLength(1);
  });

  test("of what needs a restart waits for it", async () => {
    await using house = await running();
    house.write("binnacle.yaml", "server:\n  port: 9000\n");
    await until(house, "server.port", 9_000);
    expect(house.configuration.settings.server.port).toBe(8_000);
    expect(house.published).toMatchObject([
      { payload: { keys: ["server.port"], needsRestart: ["server.port"] } },
    ]);
  });

  test("made between reading at the start and watching is not missed", async () => {
    await using house = await new SettingsHouse({
      files: { "binnacle.yaml": "log:\n  level: info\n" },
    }).open();
    house.write("binnacle.yaml", "log:\n  level: debug\n");
    house.reload.start();
    await until(house, "log.level", "debug");
  });
});

describe("files that come and go", () => {
  test("the global file may appear later and vanish again", async () => {
    await using house = await running();
    house.write("binnacle.yaml", "log:\n  level: debug\n");
    await until(house, "log.level", "debug");
    unlinkSync(house.folder.file("binnacle.yaml"));
    expect(await until(house, "log.level", "info")).toBeLessThan(PROMISED_MS);
  });

  test("conf.d is read in order, over the other files, and may appear later too", async () => {
    await using house = await running({
      files: { "binnacle.yaml": "log:\n  level: info\n", "binnacle.staging.yaml": "log:\n  level: error\n" },
      environmentName: "staging",
    });
    expect(house.configuration.settings.log.level).toBe("error");
    mkdirSync(house.folder.file("conf.d"));
    house.write("conf.d/20-later.yaml", "log:\n  level: debug\n");
    await until(house, "log.level", "debug");
    house.write("conf.d/10-earlier.yaml", "log:\n  level: warning\nmetrics:\n  intervalSeconds: 10\n");
    await until(house, "metrics.intervalSeconds", 10);
    expect(house.configuration.settings.log.level).toBe("debug");
    house.write("conf.d/.hidden.yaml", "log:\n  level: error\n");
    house.write("conf.d/30-copy.yaml~", "log:\n  level: error\n");
    unlinkSync(house.folder.file("conf.d/20-later.yaml"));
    await until(house, "log.level", "warning");
    rmSync(house.folder.file("conf.d"), { recursive: true });
    await until(house, "log.level", "error");
    mkdirSync(house.folder.file("conf.d"));
    house.write("conf.d/10-again.yaml", "log:\n  level: debug\n");
    await until(house, "log.level", "debug");
  });

  test("a link exchanged above the file, as Kubernetes does with a ConfigMap, counts as an edit", async () => {
    await using house = await new SettingsHouse().open();
    const { folder } = house;
    for (const [version, level] of [
      ["v1", "debug"],
      ["v2", "error"],
    ] as const) {
      mkdirSync(folder.file(version));
      writeFileSync(folder.file(`${version}/binnacle.yaml`), `log:\n  level: ${level}\n`);
    }
    symlinkSync("v1", folder.file("..data"));
    symlinkSync("..data/binnacle.yaml", folder.file("binnacle.yaml"));
    house.reload.start();
    await until(house, "log.level", "debug");
    symlinkSync("v2", folder.file("..data_tmp"));
    renameSync(folder.file("..data_tmp"), folder.file("..data"));
    expect(await until(house, "log.level", "error")).toBeLessThan(PROMISED_MS);
  });

  test("where a file leads to another folder, an edit there counts", async () => {
    await using house = await new SettingsHouse().open();
    mkdirSync(house.folder.file("elsewhere"));
    writeFileSync(house.folder.file("elsewhere/settings"), "log:\n  level: debug\n");
    symlinkSync("elsewhere/settings", house.folder.file("binnacle.yaml"));
    house.reload.start();
    await until(house, "log.level", "debug");
    writeFileSync(house.folder.file("elsewhere/settings"), "log:\n  level: error\n");
    expect(await until(house, "log.level", "error")).toBeLessThan(PROMISED_MS);
  });

  test("two global files, a folder in place of one, and too many services are refused with a sentence", () => {
    const read = (files: Record<string, string>) => () => new SettingsHouse({ files });
    expect(read({ "binnacle.yaml": "", "binnacle.json": "{}" })).toThrow(/both exist; keep one/);
    expect(read({ "binnacle.yaml/x": "" })).toThrow(/not a file/);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`conf.d/${index}.yaml`, ""]));
    expect(read(many)).toThrow(InvalidConfiguration);
    expect(() => new SettingsHouse({ environmentName: "../../etc/passwd" })).toThrow(/BINNACLE_ENV/);
  });
});
