import { describe, expect, test } from "bun:test";
import { grantWords, permissionSummary } from "../../../../web/data/permission-words.ts";
import { bulkTold } from "../../../../web/pages/plugins/bulk.ts";
import { foundPlugins, pluginsHref, readPluginQuery } from "../../../../web/pages/plugins/filters.ts";
import { fakePlugins } from "../../../support/fake-plugins.ts";

const found = (words: string) =>
  foundPlugins(fakePlugins(), readPluginQuery(new URLSearchParams(words))).map(({ id }) => id);

describe("the filter of plugins stands in the address", () => {
  test("those that need a person come first, then by name", () => {
    expect(found("").slice(0, 3).sort()).toEqual(["prom-query", "s3-backup", "slack-alerts"]);
    expect(found("")).toHaveLength(9);
  });

  test.each([
    ["state=attention", ["prom-query", "s3-backup", "slack-alerts"]],
    ["state=off", ["validation"]],
    ["state=idle&origin=bundled", ["text-processing"]],
    ["type=backup", ["s3-backup"]],
    ["q=hooks.slack", ["slack-alerts"]],
    ["q=CERTIFICATE+warns", ["ssl-watch"]],
    ["q=nothing+like+it", []],
  ])("%s", (words, ids) => {
    expect(found(words).sort()).toEqual(ids);
  });

  test("an address is written with what was chosen and no more", () => {
    const query = readPluginQuery(new URLSearchParams("state=off&q=a b&odd=1"));
    expect(pluginsHref(query, { type: "task" })).toBe("/plugins?state=off&type=task&q=a+b");
    expect(pluginsHref(query, { state: "", q: "" })).toBe("/plugins");
  });
});

test("permissions at a glance, in one order, with their number", () => {
  expect(permissionSummary([{ kind: "secrets" }, { kind: "net" }, { kind: "net" }])).toBe(
    "Network ×2 · Secrets",
  );
});

test("a grant that stands in the settings says so", () => {
  expect(grantWords(`\${config.urls} private`)).toBe("what its setting urls says, also at private addresses");
  expect(grantWords("api.example.com:443")).toBe("api.example.com:443");
  const schema = { properties: { url: { type: "string", title: "Address" }, odd: { title: 1 } } };
  expect(grantWords(`\${config.url} private`, schema)).toBe(
    "what its setting “Address” says, also at private addresses",
  );
  expect(grantWords(`\${config.odd}`, schema)).toBe("what its setting odd says");
});

test("what became of a verb on all is told with every failure", () => {
  const items = [
    { id: "a", outcome: "done", error: null },
    { id: "b", outcome: "skipped", error: null },
    { id: "c", outcome: "failed", error: { code: "plugin_timeout", message: "did not end" } },
  ] as const;
  expect(bulkTold("stop", { items: [...items] })).toEqual([
    "1 stopped, 1 left as they were, c failed: did not end",
    "alarm",
  ]);
  expect(bulkTold("start", { items: [items[0]] })).toEqual(["1 started", "calm"]);
});
