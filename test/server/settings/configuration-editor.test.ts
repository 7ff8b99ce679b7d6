import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../support/manual-clock.ts";
import { refusalOf } from "./refusal.ts";
import { BY_OWNER, SettingsHouse } from "./settings-house.ts";

const openHouse = (options: ConstructorParameters<typeof SettingsHouse>[0] = {}) =>
  new SettingsHouse({ clock: new ManualClock(), ...options }).open();

describe("run-time overrides", () => {
  test("are one change: in force at once, in the history with who and when, and in the audit log", async () => {
    await using house = await openHouse({ files: { "binnacle.yaml": "log:\n  level: warning\n" } });
    const { editor, configuration } = house;
    const edited = await editor.change(
      { set: { "log.level": "debug", "metrics.intervalSeconds": 10 } },
      { note: "looking closer" },
      BY_OWNER,
    );
    expect(edited).toMatchObject({ revision: 1, needsRestart: [], skipped: [] });
    expect(configuration.settings.log.level).toBe("debug");
    expect(configuration.settings.metrics.intervalSeconds).toBe(10);
    expect(configuration.origins.get("log.level")).toBe("override");
    const { items } = await editor.listHistory({ limit: 10 });
    expect(items).toMatchObject([
      {
        revision: 1,
        actor: "owner",
        action: "change",
        note: "looking closer",
        changes: [
          { key: "log.level", before: null, after: "debug" },
          { key: "metrics.intervalSeconds", before: null, after: 10 },
        ],
      },
    ]);
    expect(house.stored<{ action: string }>("SELECT action FROM audit")).toEqual([
      { action: "config.change" },
    ]);
    expect(house.published).toEqual([
      {
        name: "config.changed",
        payload: {
          keys: ["log.level", "metrics.intervalSeconds"],
          origin: "override",
          by: "owner",
          needsRestart: [],
        },
      },
    ]);
  });

  test("are all taken or none: one wrong key leaves everything as it was", async () => {
    await using house = await openHouse();
    const refused = await refusalOf(
      house.editor.change(
        { set: { "log.level": "debug", "server.prot": 1, "server.port": 99_999 } },
        {},
        BY_OWNER,
      ),
    );
    expect(refused.code).toBe("invalid_configuration");
    expect(refused.issues.map(({ path }) => path).sort()).toEqual(["server.port", "server.prot"]);
    expect(refused.message).toContain('did you mean "server.port"?');
    expect(house.configuration.settings.log.level).toBe("info");
    expect(house.stored("SELECT * FROM settings_revisions")).toEqual([]);
    expect(house.stored("SELECT * FROM audit")).toEqual([]);
    expect(house.published).toEqual([]);
  });

  test("taken back, give way to the layer beneath; taking back what is not there changes nothing", async () => {
    await using house = await openHouse({ files: { "binnacle.yaml": "log:\n  level: warning\n" } });
    const { editor, configuration } = house;
    await editor.change({ set: { "log.level": "debug" } }, {}, BY_OWNER);
    await editor.change({ unset: ["log.level"] }, {}, BY_OWNER);
    expect(configuration.settings.log.level).toBe("warning");
    expect(await editor.change({ unset: ["log.level"] }, {}, BY_OWNER)).toMatchObject({
      revision: 2,
      changes: [],
    });
    expect((await refusalOf(editor.change({ unset: ["log.levle"] }, {}, BY_OWNER))).message).toContain(
      "log.level",
    );
  });

  test("of two who edit the same state, the second is told", async () => {
    await using house = await openHouse();
    const { editor } = house;
    await editor.change({ set: { "log.level": "debug" } }, { expectedRevision: 0 }, BY_OWNER);
    const refused = await refusalOf(
      editor.change({ set: { "log.level": "error" } }, { expectedRevision: 0 }, BY_OWNER),
    );
    expect(refused).toMatchObject({ code: "revision_conflict", kind: "conflict" });
    expect(refused.message).toContain("revision 1");
    expect(house.configuration.settings.log.level).toBe("debug");
  });

  test("at the same moment, end in force as the last that was written", async () => {
    await using house = await openHouse();
    const { editor, configuration } = house;
    const edits = Array.from({ length: 20 }, (_, index) =>
      editor.change({ set: { "metrics.intervalSeconds": index + 10 } }, {}, BY_OWNER),
    );
    await Promise.all(edits);
    expect(await editor.overrides()).toEqual({ "metrics.intervalSeconds": 29 });
    expect(configuration.settings.metrics.intervalSeconds).toBe(29);
  });

  test("a key that the environment holds is locked and says by what", async () => {
    await using house = await openHouse({ environment: { QUERY_CACHE_TTL: "30" } });
    const refused = await refusalOf(
      house.editor.change({ set: { "queryCache.ttlSeconds": 60 } }, {}, BY_OWNER),
    );
    expect(refused).toMatchObject({ code: "setting_locked", kind: "conflict" });
    expect(refused.message).toContain("QUERY_CACHE_TTL");
    const { items } = await house.editor.describe();
    expect(items.find(({ key }) => key === "queryCache.ttlSeconds")).toMatchObject({
      value: 30,
      locked: true,
      origin: { kind: "environment", variable: "QUERY_CACHE_TTL" },
    });
  });

  test("what belongs to the machine is out of reach of the API", async () => {
    await using house = await openHouse();
    for (const [key, value] of Object.entries({
      "config.remote.url": "http://192.0.2.1/",
      "plugins.sandbox": "best-effort",
      "dashboard.auth": false,
      "plugins.folder": "/tmp",
    })) {
      const refused = await refusalOf(house.editor.change({ set: { [key]: value } }, {}, BY_OWNER));
      expect(refused.message).toContain("only a file, the environment or a flag of this machine");
    }
  });

  test("a setting that needs a restart is kept for the next start and says so", async () => {
    await using house = await openHouse();
    const edited = await house.editor.change({ set: { "server.port": 9_000 } }, {}, BY_OWNER);
    expect(edited.needsRestart).toEqual(["server.port"]);
    expect(house.configuration.settings.server.port).toBe(8_000);
    const { items } = await house.editor.describe();
    expect(items.find(({ key }) => key === "server.port")).toMatchObject({ value: 9_000, inForce: 8_000 });
    await house.editor.change({ unset: ["server.port"] }, {}, BY_OWNER);
    expect(house.configuration.pendingRestart.size).toBe(0);
  });

  test("that a newer version does not know any more keep neither the start nor an edit from working", async () => {
    await using house = await openHouse();
    await house.database.write((tx) =>
      house.history.append(tx, {
        at: 0,
        actor: "somebody",
        action: "change",
        note: "",
        correlationId: "",
        changes: [],
        overrides: { "gone.setting": 1, "log.level": "debug", "metrics.intervalSeconds": 999 },
      }),
    );
    await house.open();
    expect(house.configuration.settings.log.level).toBe("debug");
    expect(house.configuration.settings.metrics.intervalSeconds).toBe(5);
    await house.editor.change({ set: { "log.level": "error" } }, {}, BY_OWNER);
    expect(house.configuration.settings.log.level).toBe("error");
    await house.editor.change({ unset: ["gone.setting"] }, {}, BY_OWNER);
    expect(await house.editor.overrides()).toEqual({ "log.level": "error", "metrics.intervalSeconds": 999 });
  });
});

describe("history", () => {
  test("goes back to any revision, and to before the first; going back is itself a change", async () => {
    await using house = await openHouse();
    const { editor, configuration } = house;
    await editor.change({ set: { "log.level": "debug" } }, {}, BY_OWNER);
    await editor.change({ set: { "log.level": "error", "metrics.intervalSeconds": 30 } }, {}, BY_OWNER);
    expect(await editor.rollback(1, {}, BY_OWNER)).toMatchObject({ revision: 3 });
    expect(configuration.settings.log.level).toBe("debug");
    expect(configuration.settings.metrics.intervalSeconds).toBe(5);
    expect(await editor.rollback(0, { expectedRevision: 3 }, BY_OWNER)).toMatchObject({ revision: 4 });
    expect(await editor.overrides()).toEqual({});
    expect(await editor.getRevision(3)).toMatchObject({ action: "rollback", note: "Back to revision 1" });
    expect((await refusalOf(editor.rollback(99, {}, BY_OWNER))).code).toBe("revision_not_found");
  });

  test("pages, newest first", async () => {
    await using house = await openHouse();
    for (let seconds = 10; seconds < 15; seconds++) {
      await house.editor.change({ set: { "metrics.intervalSeconds": seconds } }, {}, BY_OWNER);
    }
    const first = await house.editor.listHistory({ limit: 3 });
    expect(first.items.map(({ revision }) => revision)).toEqual([5, 4, 3]);
    const second = await house.editor.listHistory({ limit: 3, cursor: first.nextCursor ?? "" });
    expect(second.items.map(({ revision }) => revision)).toEqual([2, 1]);
    expect(second.nextCursor).toBeNull();
  });
});

describe("a proposal", () => {
  test("says what would change, and changes nothing", async () => {
    await using house = await openHouse({ environment: { BINNACLE_LOG__LEVEL: "error" } });
    const proposal = await house.proposals.ofEdit({ set: { "server.port": 9_000, "log.level": "debug" } });
    expect(proposal).toEqual({
      changes: [{ key: "server.port", before: 8_000, after: 9_000, needsRestart: true }],
      shadowed: [{ key: "log.level", reason: "held by BINNACLE_LOG__LEVEL" }],
      problems: [],
    });
    expect(house.configuration.settings.server.port).toBe(8_000);
  });

  test("of a file names what is wrong in it by line and column", async () => {
    await using house = await openHouse({ files: { "binnacle.yaml": "metrics:\n  rawDays: 30\n" } });
    expect(house.proposals.ofFile("log:\n  level: debug\n", "new.yaml").changes).toEqual([
      { key: "log.level", before: "info", after: "debug", needsRestart: false },
      { key: "metrics.rawDays", before: 30, after: 15, needsRestart: false },
    ]);
    expect(house.proposals.ofFile("log:\n  levle: debug\n", "new.yaml").problems).toMatchObject([
      { path: "log.levle", line: 2, column: 3, origin: "new.yaml" },
    ]);
    expect(house.proposals.ofFile("log: [", "new.yaml").problems).toMatchObject([
      { origin: "new.yaml", line: 1 },
    ]);
  });
});

describe("import", () => {
  test("takes a text beside what is there, or in place of it, and leaves out what belongs to the machine", async () => {
    await using house = await openHouse();
    const { editor } = house;
    await editor.change({ set: { "log.level": "debug" } }, {}, BY_OWNER);
    const text = "metrics:\n  intervalSeconds: 20\nplugins:\n  sandbox: best-effort\n";
    expect(await house.proposals.ofImport(text, "merge")).toMatchObject({
      changes: [{ key: "metrics.intervalSeconds", after: 20 }],
      skipped: [{ key: "plugins.sandbox" }],
    });
    await editor.import(text, "merge", {}, BY_OWNER);
    expect(await editor.overrides()).toEqual({ "log.level": "debug", "metrics.intervalSeconds": 20 });
    await editor.import(text, "replace", {}, BY_OWNER);
    expect(await editor.overrides()).toEqual({ "metrics.intervalSeconds": 20 });
    const refused = await refusalOf(
      editor.import("metrics:\n  intervalSeconds: 999\n", "merge", {}, BY_OWNER),
    );
    expect(refused.message).toContain("import:2:3");
  });
});
