import { describe, expect, test } from "bun:test";
import { parseLayer } from "../../../server/config/config-file.ts";
import { Configuration } from "../../../server/config/configuration.ts";
import { environmentLayer } from "../../../server/config/environment.ts";
import { InvalidConfiguration } from "../../../server/config/invalid-configuration.ts";
import { shownValue } from "../../../server/settings/setting-view.ts";

const read = (text: string) => new Configuration([parseLayer(text, "binnacle.yaml", "file")]);

function problemOf(text: string) {
  try {
    read(text);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems[0];
    throw error;
  }
  return undefined;
}

const WHOLE = `
    - id: slack
      enabled: true
      path: /srv/plugins/slack
      config: { channel: ops, retries: 3 }
      auto_register: { queries: true, datasources: false }
      queries: [{ name: errors }]
      approve:
        permissions:
          net: [{ host: hooks.slack.com }]
    - id: hello
`;

describe("plugins in the settings", () => {
  test("stand under items, or as a bare list in place of the section", () => {
    const { items } = read(`plugins:\n  items:${WHOLE}`).settings.plugins;
    expect(items).toMatchObject([
      { id: "slack", enabled: true, config: { channel: "ops", retries: 3 } },
      { id: "hello" },
    ]);
    const bare = read(`plugins:${WHOLE}`);
    expect(bare.settings.plugins.items).toEqual(items);
    expect(bare.merged.origins.get("plugins.items")).toMatchObject({ origin: "binnacle.yaml", line: 1 });
    const variable = { BINNACLE_PLUGINS__ITEMS: JSON.stringify(items) };
    expect(new Configuration([environmentLayer(variable)]).settings.plugins.items).toEqual(items);
  });

  test.each([
    ["an id that is none", "plugins: [{ id: ../x }]", "0.id"],
    ["a word that is no field", "plugins: [{ id: a, enable: true }]", "0.enable"],
    ["two of one id", "plugins: [{ id: a }, { id: a }]", "each plugin stands here once"],
    ["an approval of nothing", "plugins: [{ id: a, approve: {} }]", "approve names a digest"],
    ["a digest that is none", "plugins: [{ id: a, approve: { digest: abc } }]", "0.approve.digest"],
    [
      "a permission that is none",
      "plugins: [{ id: a, approve: { permissions: { all: [] } } }]",
      "0.approve.permissions.all",
    ],
    ["a key that is none", "plugins: { trustedKeys: [{ name: a, publicKey: x }] }", "0.publicKey"],
    [
      "two keys of one name",
      `plugins: { trustedKeys: [{ name: a, publicKey: "${"A".repeat(43)}=" }, { name: a, publicKey: "${"B".repeat(43)}=" }] }`,
      "under a name of its own",
    ],
  ])("%s is refused, and where it stands is told", (_name, text, message) => {
    expect(problemOf(text)).toMatchObject({ message: expect.stringContaining(message), line: 1 });
  });

  test("are no business of the network, and their configuration is never shown", () => {
    const configuration = new Configuration([]);
    const override = {
      kind: "override" as const,
      origin: "api",
      values: new Map([["plugins.items", [{ id: "a" }]]]),
    };
    expect(() => configuration.put(["override"], [override])).toThrow(
      /only a file, the environment or a flag/,
    );
    const items = [{ id: "a", config: { password: "hunter2" } }];
    expect(JSON.stringify(shownValue("plugins.items", items))).not.toContain("hunter2");
  });
});
