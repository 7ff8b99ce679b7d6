import { describe, expect, test } from "bun:test";
import { attentionOf } from "../../../web/data/plugin-attention.ts";
import { nameOf, pluginHref, pluginNeeds, stateOf } from "../../../web/data/plugin-words.ts";
import { fakePlugin, HOSTILE } from "../../support/fake-plugins.ts";

describe("the state of a plugin in a word", () => {
  test.each([
    [{}, "Active"],
    [{ state: "loaded" }, "Ready"],
    [{ state: "paused" }, "Paused"],
    [{ state: "inactive" }, "Stopped"],
    [{ state: "inactive", enabled: false, block: { code: "awaiting_approval", message: "" } }, "Off"],
    [{ state: "unloaded", block: { code: "failed", message: "" } }, "Failed"],
    [{ state: "unloaded", block: { code: "awaiting_approval", message: "" } }, "Needs approval"],
    [{ state: "quarantined", quarantine: { reason: "", at: "2026-11-21T00:00:00Z" } }, "Quarantined"],
  ] as const)("%j: %s", (change, word) => {
    expect(stateOf(fakePlugin(change)).word).toBe(word);
  });

  test("a new build that waits does not hide that the old one runs", () => {
    const block = { code: "awaiting_approval", message: "Version 2 waits" } as const;
    expect(stateOf(fakePlugin({ block })).word).toBe("Active");
    expect(stateOf(fakePlugin({ state: "loaded", block })).word).toBe("Ready");
  });
});

describe("what plugins need of a person", () => {
  test("the worst first, each with its reason and next step; a plugin that runs needs nobody", () => {
    const needs = pluginNeeds([
      fakePlugin({ id: "well" }),
      fakePlugin({
        id: "new",
        name: "New",
        needsApproval: true,
        block: { code: "awaiting_approval", message: "It asks for net" },
      }),
      fakePlugin({ id: "sick", name: "Sick", health: "unhealthy" }),
      fakePlugin({
        id: "mad",
        name: "Mad",
        state: "quarantined",
        quarantine: { reason: "3 crashes", at: "2026-11-21T00:00:00Z" },
      }),
      fakePlugin({
        id: "bad",
        name: "Bad",
        state: "unloaded",
        block: { code: "failed", message: "it threw" },
      }),
    ]);
    expect(
      needs.map(({ severity, title, detail, action }) => [severity, title, detail, action.href]),
    ).toEqual([
      [
        "alarm",
        "Plugin Sick is unhealthy",
        "Its last health check failed; calls are refused until one succeeds.",
        "/plugins/sick?tab=health",
      ],
      ["alarm", "Plugin Mad is quarantined", "3 crashes", "/plugins/mad"],
      ["alarm", "Plugin Bad does not start", "it threw", "/plugins/bad?tab=log"],
      ["watch", "Plugin New waits for your approval", "It asks for net", "/plugins/new?tab=permissions"],
    ]);
  });

  test("a build that does not start is watched, not an alarm, while the one before runs on", () => {
    const block = { code: "failed", message: "Expected }" } as const;
    const [need] = pluginNeeds([fakePlugin({ id: "kept", name: "Kept", state: "active", block })]);
    expect([need?.severity, need?.title]).toEqual([
      "watch",
      "The newest files of plugin Kept do not start; the ones before run on",
    ]);
  });

  test("one that is switched off is not ill", () => {
    expect(pluginNeeds([fakePlugin({ enabled: false, health: "unhealthy", needsApproval: true })])).toEqual(
      [],
    );
  });

  test("the Overview tells of it with its time, and of a machine without a sandbox", () => {
    const at = "2026-11-21T10:00:00Z";
    const items = attentionOf([fakePlugin({ quarantine: { reason: "crashes", at } })], {
      level: "process",
      isRequired: true,
      message: "Landlock is missing.",
    });
    expect(items.map(({ id, severity, sinceMs }) => [id, severity, sinceMs])).toEqual([
      ["plugin echo", "alarm", Date.parse(at)],
      ["sandbox", "watch", undefined],
    ]);
    expect(attentionOf([], { level: "strong", isRequired: true, message: "" })).toEqual([]);
  });
});

test("a name shows the characters that deceive, and an id is part of an address and no more", () => {
  expect(nameOf(fakePlugin({ name: HOSTILE.turned }))).toBe("safe\\u202egpj.exe\\u200b");
  expect(nameOf(fakePlugin({ name: "" }))).toBe("echo");
  expect(pluginHref("a/../b", "log")).toBe("/plugins/a%2F..%2Fb?tab=log");
});
