import { describe, expect, test } from "bun:test";
import type { BrokerMethod } from "../../../../schema/plugin/rpc.ts";
import { BrokerHouse, codeOf } from "./broker-house.ts";

const why = "test";
const METHODS = [
  "config.get",
  "config.set",
  "state.get",
  "state.set",
  "state.delete",
  "state.list",
  "secrets.get",
  "env.get",
  "log",
  "metrics.record",
  "events.publish",
  "fetch",
  "connect",
  "connect.startTls",
  "files.read",
  "files.write",
  "files.list",
  "files.stat",
  "files.remove",
  "run",
  "plugins.execute",
  "browser.open",
  "browser.command",
  "browser.close",
] as const satisfies BrokerMethod[];
const secrets = [{ name: "GRANTED_SECRET", why }];

describe("decisions", () => {
  test("are counted by kind, and only denials are audited", async () => {
    await using house = await BrokerHouse.open();
    await house.secretHouse.secrets.set(
      "GRANTED_SECRET",
      { value: "s3cr3t-value" },
      { principal: { kind: "owner", scopes: ["*"] }, correlationId: "", clientAddress: "" },
    );
    const plugin = house.plugin({ permissions: { secrets } });
    expect(await plugin.call("secrets.get", { name: "GRANTED_SECRET" })).toBe("s3cr3t-value");
    expect(await codeOf(plugin.call("secrets.get", { name: "OTHER_SECRET" }))).toBe("permission_denied");
    expect(house.decisions.countsOf("tester")).toEqual([{ kind: "secrets", allowed: 1, denied: 1 }]);
    expect(await house.denials()).toEqual([
      { actor: "plugin:tester", action: "plugin.use_secrets", target: "tester OTHER_SECRET", count: 1 },
    ]);
  });

  test("that deny are told of at once, as an event too", async () => {
    await using house = await BrokerHouse.open();
    const heard = Promise.withResolvers<unknown>();
    house.events.subscribe("plugin.permission_denied", async ({ payload }) => heard.resolve(payload), {
      name: "test",
    });
    const plugin = house.plugin();
    expect(await codeOf(plugin.call("env.get", { name: "PATH" }))).toBe("permission_denied");
    expect(await heard.promise).toEqual({ pluginId: "tester", kind: "env", target: "PATH" });
  });

  test("that deny in a flood make a bounded number of lines and events", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    for (let index = 0; index < 500; index++) {
      await codeOf(plugin.call("env.get", { name: `NAME_${index}` }));
      await codeOf(plugin.call("env.get", { name: "SAME" }));
    }
    const lines = await house.denials();
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
    const { items } = await house.events.list({ limit: 100, types: ["plugin.permission_denied"] });
    expect(items.length).toBe(20);
    expect(house.decisions.countsOf("tester")).toEqual([{ kind: "env", allowed: 0, denied: 1_000 }]);
    await house.clock.advance(60_000);
    await codeOf(plugin.call("env.get", { name: "LATER" }));
    expect(await house.denials()).toContainEqual(
      expect.objectContaining({ target: "tester LATER", count: 1 }),
    );
  });
});

describe("what a hostile plugin sends", () => {
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "state.get"],
    ["a list", []],
    ["another type", { key: 5 }],
    ["a field too many", { key: "a", other: 1 }],
    ["an own key of a prototype", JSON.parse('{"key":"a","__proto__":{"x":1}}')],
    ["a key that is too long", { key: "k".repeat(257) }],
  ])("is refused: %s", async (_what, params) => {
    await using house = await BrokerHouse.open();
    expect(await codeOf(house.plugin().send("state.get", params))).toBe("invalid_request");
  });

  test("cannot name a method of an object, nor hide a prototype's key deep inside", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    for (const name of ["constructor", "toString", "__proto__", "state"]) {
      expect(
        await codeOf(plugin.session.serve(name as "log", {}, plugin.streams, new AbortController().signal)),
      ).toBe("invalid_request");
    }
    const value = JSON.parse('{"a":[{"__proto__":{"admin":true}}]}');
    expect(await codeOf(plugin.send("state.set", { key: "k", value }))).toBe("invalid_request");
    expect(await codeOf(plugin.send("state.set", { key: "k", value: { a: [{}] } }))).toBe("ok");
  });

  test("is answered by a known error whatever it is, by every method", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    const values = [
      undefined,
      null,
      0,
      "",
      [],
      {},
      JSON.parse('{"__proto__":1}'),
      { key: {} },
      { path: "\0" },
      [[]],
    ];
    for (const name of METHODS) {
      for (const params of values) {
        const outcome = await codeOf(plugin.send(name, params));
        const known = ["invalid_request", "permission_denied", "ok", "validation_failed"].includes(outcome);
        expect([name, params, outcome, known]).toEqual([name, params, outcome, true]);
      }
    }
  });

  test("is not served once the session is closed", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    await plugin.session.close();
    expect(await codeOf(plugin.call("state.get", { key: "a" }))).toBe("cancelled");
  });
});
