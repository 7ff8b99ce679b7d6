import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { checkDatabase, checkWatchedFiles } from "../../../server/cli/doctor-storage.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { LogFixture } from "../logs/log-fixture.ts";

const PAGE = 8_192;
const advice = "begin anew";

describe("the doctor looks at the log database", () => {
  test("as sound, with its size and budget, also while the server runs", async () => {
    await using logs = new LogFixture();
    await logs.add(["one"]);
    const path = logs.database.path;
    const within = await checkDatabase(path, { advice, budget: { bytes: 1e9, setting: "logs.budgetBytes" } });
    expect(within).toMatchObject({ state: "ok" });
    const beyond = await checkDatabase(path, {
      advice,
      budget: { bytes: 1_000, setting: "logs.budgetBytes" },
    });
    expect(beyond).toMatchObject({ state: "warning" });
    expect(JSON.stringify(beyond)).toContain("logs.budgetBytes");
  });

  test("as damaged, with what to do", async () => {
    await using logs = new LogFixture();
    await logs.add(Array.from({ length: 5_000 }, (_, n) => `request ${n} done`));
    await logs.store.sealed();
    await logs.close();
    const path = logs.database.path;
    const bytes = new Uint8Array(await Bun.file(path).arrayBuffer());
    bytes.fill(0xff, 5 * PAGE);
    writeFileSync(path, bytes);
    expect(await checkDatabase(path, { advice })).toMatchObject({ state: "failed", advice });
  });

  test("as nothing to look at before the first start", async () => {
    expect(await checkDatabase("/nowhere/logs.db", { advice })).toMatchObject({ state: "skipped" });
  });
});

describe("the doctor looks at watched files", () => {
  test("and names those that are not there, are no files, or match nothing", async () => {
    using folder = new TempFolder();
    mkdirSync(folder.file("folder"));
    writeFileSync(folder.file("good.log"), "");
    expect(await checkWatchedFiles([])).toMatchObject({ state: "skipped" });
    expect(await checkWatchedFiles([{ path: folder.file("*.log") }])).toMatchObject({ state: "ok" });
    const verdict = await checkWatchedFiles(
      ["gone.log", "folder", "*.txt", "also-gone"].map((name) => ({ path: folder.file(name) })),
    );
    expect(verdict.state).toBe("warning");
    expect(verdict.detail).toContain(`${folder.file("gone.log")} is not there`);
    expect(verdict.detail).toContain("folder is not a regular file");
    expect(verdict.detail).toContain("*.txt matches no file; 1 more");
  });
});
