import { expect, test } from "bun:test";
import { printSnapshots, snapshotFile } from "../../support/print-snapshots.ts";
import { startApp } from "../../support/start-app.ts";

test("the printed snapshots of the API are up to date: `bun run snapshots` prints them anew", async () => {
  await using running = await startApp();
  for (const [name, text] of await printSnapshots(running)) {
    expect(await Bun.file(snapshotFile(name)).text()).toBe(text);
  }
});
