import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { STATE_MIGRATIONS } from "../../../../schema/migrations/state/index.ts";
import { Database } from "../../../../server/database/database.ts";
import { PluginStore, type StoredPlugin } from "../../../../server/plugins/store/plugin-store.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

const row = (id: string): StoredPlugin => ({
  id,
  origin: "folder",
  path: `/plugins/${id}`,
  type: "task",
  version: "1.0.0",
  digest: "0".repeat(64),
  isEnabled: null,
  isPaused: false,
  config: { url: "https://a.example" },
  quarantineReason: null,
  quarantinedDigest: null,
  quarantinedBuild: null,
  quarantinedAt: null,
  registeredBy: "discovery",
  registeredAt: 1,
  changedBy: "discovery",
  changedAt: 1,
  removedAt: null,
});
const ADA = { by: "ada", at: 2 };

let folder: TempFolder;
let database: Database;
let store: PluginStore;
beforeEach(async () => {
  folder = new TempFolder();
  database = Database.open({
    path: folder.file("state.db"),
    migrations: STATE_MIGRATIONS,
    synchronous: "NORMAL",
  });
  store = new PluginStore(database);
  await database.write(async (tx) => {
    for (const id of ["a", "b", "c"]) await store.insert(tx, row(id));
  });
});
afterEach(async () => {
  await database.close();
  folder[Symbol.dispose]();
});

describe("what is remembered of plugins", () => {
  test("comes back as it was, page by page", async () => {
    expect(await store.find("a")).toEqual(row("a"));
    const first = await store.list({ limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(["a", "b"]);
    const second = await store.list({
      limit: 2,
      ...(first.nextCursor === null ? {} : { cursor: first.nextCursor }),
    });
    expect(second).toMatchObject({ items: [{ id: "c" }], nextCursor: null });
  });

  test("each change touches its own plugin and its own fields, and says who made it", async () => {
    await database.write(async (tx) => {
      await store.putWishes(tx, "a", { isEnabled: true }, ADA);
      await store.putWishes(tx, "a", { isPaused: true }, ADA);
      await store.putConfig(tx, "a", { url: "https://b.example" }, ADA);
      await store.putQuarantine(tx, "a", { reason: "crashed", digest: "d", build: "1", at: 3 });
    });
    expect(await store.find("a")).toEqual({
      ...row("a"),
      isEnabled: true,
      isPaused: true,
      config: { url: "https://b.example" },
      quarantineReason: "crashed",
      quarantinedDigest: "d",
      quarantinedBuild: "1",
      quarantinedAt: 3,
      changedBy: "ada",
      changedAt: 2,
    });
    await database.write((tx) => store.putQuarantine(tx, "a", undefined));
    expect(await store.find("a")).toMatchObject({ quarantineReason: null, quarantinedAt: null });
    expect(await store.find("b")).toEqual(row("b"));
  });

  test("a removed one is hidden, can come back, and is forgotten in the end", async () => {
    await database.write((tx) => store.markRemoved(tx, "b", { by: "ada", at: 10 }));
    expect((await store.listAll()).map(({ id }) => id)).toEqual(["a", "c"]);
    expect(await store.listRemoved()).toMatchObject([
      { id: "b", removedAt: 10, isEnabled: false, changedBy: "ada" },
    ]);
    const source = {
      origin: "installed",
      path: "/plugins/b",
      type: "alert",
      version: "2.0.0",
      digest: "1",
    } as const;
    await database.write((tx) => store.putSource(tx, "b", source, ADA));
    expect(await store.find("b")).toMatchObject({ ...source, removedAt: null });
    await database.write((tx) => store.markRemoved(tx, "c", { by: "ada", at: 20 }));
    expect(await database.write((tx) => store.pruneRemoved(tx, 20))).toEqual([]);
    expect(await database.write((tx) => store.pruneRemoved(tx, 21))).toEqual(["c"]);
    expect((await store.listAll()).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
