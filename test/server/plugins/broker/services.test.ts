import { describe, expect, test } from "bun:test";
import { BrokerHouse, codeOf, OWNER_CALLER } from "./broker-house.ts";

const why = "test";
const SECRET = "correct-horse-battery";

describe("secrets and variables", () => {
  test("are given by granted name; each use of a secret stands in the audit log under the plugin", async () => {
    await using house = await BrokerHouse.open({ environment: { TZ: "UTC", PATH: "/bin" } });
    await house.secretHouse.secrets.set("MAIL_PASSWORD", { value: SECRET }, OWNER_CALLER);
    const plugin = house.plugin({
      permissions: {
        secrets: [
          { name: "MAIL_PASSWORD", why },
          { name: "MISSING", why },
        ],
        env: [{ name: "TZ", why }],
      },
    });
    expect(await plugin.call("secrets.get", { name: "MAIL_PASSWORD" })).toBe(SECRET);
    expect(await codeOf(plugin.call("secrets.get", { name: "MISSING" }))).toBe("secret_not_found");
    expect(await plugin.call("env.get", { name: "TZ" })).toBe("UTC");
    expect(await codeOf(plugin.call("env.get", { name: "PATH" }))).toBe("permission_denied");
    await house.secretHouse.audit.flush();
    const { items } = await house.secretHouse.auditLog.list({ action: "secret.use" }, { limit: 10 });
    expect(items[0]).toMatchObject({ target: "MAIL_PASSWORD", detail: '{"purpose":"plugin:tester"}' });
  });

  test("that are echoed into logs, events and denials are redacted", async () => {
    await using house = await BrokerHouse.open();
    await house.secretHouse.secrets.set("MAIL_PASSWORD", { value: SECRET }, OWNER_CALLER);
    const plugin = house.plugin();
    await plugin.call("log", {
      level: "info",
      message: `it is ${SECRET}`,
      fields: { deep: [{ x: SECRET }] },
    });
    await plugin.call("events.publish", { type: "plugin.tester.said", payload: { text: SECRET } });
    await codeOf(plugin.call("secrets.get", { name: SECRET }));
    const { items } = await house.events.list({ limit: 10 });
    const said = JSON.stringify([house.logs.recent("tester", 10), items, await house.denials()]);
    expect(said).not.toContain(SECRET);
    expect(said).toContain("[redacted]");
    expect(items.map(({ type }) => type)).toContain("plugin.tester.said");
  });
});

describe("configuration", () => {
  const schema = {
    type: "object",
    properties: {
      greeting: { type: "string", maxLength: 10 },
      host: { type: "string" },
      mail: { type: "object", properties: { password: { type: "string", writeOnly: true } } },
    },
    additionalProperties: false,
  };
  const permissions = { net: [{ host: `\${config.host}`, why }] };
  const open = (house: BrokerHouse) => {
    const config: Record<string, unknown> = {
      greeting: "hello",
      host: "a.example",
      mail: { password: "old" },
    };
    return { config, plugin: house.plugin({ permissions, config, configSchema: schema }) };
  };

  test("is read and set within its schema", async () => {
    await using house = await BrokerHouse.open();
    const { plugin, config } = open(house);
    await plugin.call("config.set", { values: { greeting: "hi" } });
    expect(await plugin.call("config.get", null)).toMatchObject({ greeting: "hi", host: "a.example" });
    expect(await codeOf(plugin.call("config.set", { values: { greeting: 5 } }))).toBe("validation_failed");
    expect(await codeOf(plugin.call("config.set", { values: { other: 5 } }))).toBe("validation_failed");
    expect(config.greeting).toBe("hi");
  });

  test("with a secret that it must have is checked together with it, and never gives it out", async () => {
    await using house = await BrokerHouse.open();
    let kept: Record<string, unknown> = { greeting: "hello" };
    const configuration = {
      read: () => kept,
      opened: (values: Record<string, unknown>) => ({ ...values, mail: { password: "set by a person" } }),
      write: async (values: Record<string, unknown>) => {
        kept = values;
      },
    };
    const plugin = house.plugin({ configuration, configSchema: { ...schema, required: ["mail"] } });
    expect(await codeOf(plugin.call("config.set", { values: { greeting: "hi" } }))).toBe("ok");
    expect(await plugin.call("config.get", null)).toEqual({ greeting: "hi" });
    expect(kept).toEqual({ greeting: "hi" });
  });

  test("keeps every one of many changes at once", async () => {
    await using house = await BrokerHouse.open();
    let kept: Record<string, unknown> = {};
    const configuration = {
      read: () => kept,
      write: async (values: Record<string, unknown>) => {
        await Promise.resolve();
        kept = values;
      },
    };
    const plugin = house.plugin({ configuration, configSchema: { type: "object" } });
    const fields = ["a", "b", "c", "d"];
    await Promise.all(fields.map((field) => plugin.call("config.set", { values: { [field]: 1 } })));
    expect(kept).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  });

  test("is never set where permissions read it, or where a secret stands", async () => {
    await using house = await BrokerHouse.open();
    const { plugin, config } = open(house);
    expect(await codeOf(plugin.call("config.set", { values: { host: "evil.example" } }))).toBe(
      "permission_denied",
    );
    expect(await codeOf(plugin.call("config.set", { values: { mail: { password: "mine" } } }))).toBe(
      "permission_denied",
    );
    expect(await codeOf(plugin.call("config.set", { values: { host: "a.example", greeting: "x" } }))).toBe(
      "ok",
    );
    expect(config).toMatchObject({ host: "a.example", mail: { password: "old" } });
    expect((await house.denials()).map(({ target }) => target)).toEqual([
      "tester host",
      "tester mail.password",
    ]);
  });
});

describe("log", () => {
  test("lines are cut, made printable, and heard as they come", async () => {
    await using house = await BrokerHouse.open();
    const heard: string[] = [];
    const end = house.logs.subscribe("tester", ({ message }) => heard.push(message));
    const plugin = house.plugin();
    await plugin.call("log", { level: "warning", message: "a\u001b[31mred\nfake line\u202e" });
    await plugin.call("log", {
      level: "info",
      message: "x".repeat(10_000),
      fields: { big: "y".repeat(10_000) },
    });
    end();
    await plugin.call("log", { level: "info", message: "unheard" });
    expect(heard[0]).toBe("a\\u{1b}[31mred\\u{a}fake line\\u{202e}");
    expect(heard).toHaveLength(2);
    const [, long, last] = house.logs.recent("tester", 10);
    expect(long?.message).toHaveLength(4_096);
    expect(long?.fields).toEqual({ clipped: true });
    expect(last).toMatchObject({ seq: 3, source: "plugin", level: "info" });
  });

  test("has so many readers at a time; one that leaves makes room", async () => {
    await using house = await BrokerHouse.open();
    const follow = async () => house.logs.subscribe("tester", () => undefined);
    const [first] = await Promise.all(Array.from({ length: 100 }, follow));
    expect(await codeOf(follow())).toBe("overloaded");
    first?.();
    expect(await codeOf(follow())).toBe("ok");
  });

  test("a flood is dropped and counted, and is no error", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    for (let index = 0; index < 1_000; index++)
      await plugin.call("log", { level: "info", message: `${index}` });
    expect(house.logs.recent("tester", 1_000)).toHaveLength(500);
    await house.clock.advance(1_000);
    await plugin.call("log", { level: "info", message: "later" });
    expect(house.logs.recent("tester", 2)).toMatchObject([
      { source: "server", fields: { dropped: 500 } },
      { source: "plugin", message: "later" },
    ]);
    expect(house.logs.recent("neighbour", 10)).toEqual([]);
  });
});

describe("metrics", () => {
  test("are sampled under the plugin's name", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin({ pluginId: "http-check" });
    await plugin.call("metrics.record", [
      { name: "latency_seconds", value: 0.5, unit: "seconds", labels: { site: "a" } },
      { name: "checks", value: 2, kind: "counter" },
    ]);
    await plugin.call("metrics.record", [{ name: "checks", value: 5, kind: "counter" }]);
    const values = () => house.metrics.collect().map(({ series, value }) => [series.key, value]);
    expect(values()).toEqual([
      ['plugin_http_check_latency_seconds{plugin="http-check",site="a"}', 0.5],
      ['plugin_http_check_checks_total{plugin="http-check"}', 5],
    ]);
    await house.clock.advance(301_000);
    expect(values()).toEqual([['plugin_http_check_checks_total{plugin="http-check"}', 5]]);
  });

  test("are limited in number and shape, all or none", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: "m", value: 1, labels: { n: `${index}` } }));
    expect(await codeOf(plugin.call("metrics.record", many(150)))).toBe("ok");
    expect(await codeOf(plugin.call("metrics.record", many(200)))).toBe("ok");
    const beyond = [
      { name: "m", value: 1, labels: { n: "0" } },
      { name: "other", value: 1 },
    ];
    expect(await codeOf(plugin.call("metrics.record", beyond))).toBe("cardinality_limit");
    expect(house.metrics.collect()).toHaveLength(200);
    for (const wrong of [
      { name: "Bad-Name", value: 1 },
      { name: "ok", value: -1, kind: "counter" as const },
      { name: "ok", value: 1, labels: { plugin: "neighbour" } },
      { name: "ok", value: 1, labels: { __name: "x" } },
    ]) {
      expect(await codeOf(plugin.call("metrics.record", [wrong]))).toBe("validation_failed");
    }
    expect(await codeOf(plugin.send("metrics.record", [{ name: "ok", value: Number.NaN }]))).toBe(
      "invalid_request",
    );
  });
});

describe("events", () => {
  test("are published under the plugin's own namespace and as its own", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin({ pluginId: "http-check" });
    const { id } = await plugin.call("events.publish", {
      type: "plugin.http_check.done",
      payload: { ok: true },
    });
    const { items } = await house.events.list({ limit: 10 });
    expect(items[0]).toMatchObject({ id, source: "plugin:http-check", payload: { ok: true } });
  });

  test.each(["alert.raised", "plugin.neighbour.done", "plugin.crashed", "plugin.testerx.y", "unregistered"])(
    "of the type %s are denied",
    async (type) => {
      await using house = await BrokerHouse.open();
      expect(await codeOf(house.plugin().call("events.publish", { type, payload: {} }))).toBe(
        "permission_denied",
      );
    },
  );

  test("of a registered type keep to its schema", async () => {
    await using house = await BrokerHouse.open();
    const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    await house.events.types.register({ name: "shop.sold", description: "", schema }, async () => undefined);
    const plugin = house.plugin();
    expect(await codeOf(plugin.call("events.publish", { type: "shop.sold", payload: { n: 1 } }))).toBe("ok");
    expect(await codeOf(plugin.call("events.publish", { type: "shop.sold", payload: {} }))).toBe(
      "validation_failed",
    );
  });

  test("of many plugins, and what they keep, are committed together and in order; one that is refused fails alone", async () => {
    await using house = await BrokerHouse.open();
    const plugins = ["a", "b", "c", "d"].map((pluginId) => ({
      pluginId,
      plugin: house.plugin({ pluginId }),
    }));
    let commits = 0;
    house.secretHouse.state.onWritten = () => {
      commits++;
    };
    const calls = plugins.flatMap(({ pluginId, plugin }) => [
      ...Array.from({ length: 50 }, (_, n) =>
        codeOf(plugin.call("events.publish", { type: `plugin.${pluginId}.x`, payload: n })),
      ),
      codeOf(plugin.call("events.publish", { type: `plugin.${pluginId}.Wrong`, payload: null })),
      codeOf(plugin.call("state.set", { key: "k", value: 1 })),
    ]);
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((code) => code !== "ok")).toEqual(Array(4).fill("validation_failed"));
    // 208 changes, 25 a commit.
    expect(commits).toBe(9);
    for (const { pluginId } of plugins) {
      const { items } = await house.events.list({ limit: 100, types: [`plugin.${pluginId}.x`], since: 0 });
      expect(items.map(({ payload }) => payload)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    }
  });

  test("are limited in number", async () => {
    await using house = await BrokerHouse.open();
    const plugin = house.plugin();
    const outcomes = new Set<string>();
    for (let index = 0; index < 201; index++) {
      outcomes.add(await codeOf(plugin.call("events.publish", { type: "plugin.tester.x", payload: index })));
    }
    expect([...outcomes]).toEqual(["ok", "rate_limited"]);
  });
});

describe("other plugins", () => {
  test("are executed when the manifest depends on them, in the plugin's name", async () => {
    const seen: unknown[] = [];
    await using house = await BrokerHouse.open({
      execute: async (id, input, { caller }) => seen.push([id, input, caller]),
    });
    const plugin = house.plugin({ dependencies: ["text-processing"] });
    await plugin.call("plugins.execute", { id: "text-processing", input: { text: "a" } });
    expect(seen).toEqual([["text-processing", { text: "a" }, "plugin:tester"]]);
    expect(await codeOf(plugin.call("plugins.execute", { id: "other", input: null }))).toBe(
      "permission_denied",
    );
  });

  test("never wait for each other in a circle, nor in a long chain", async () => {
    const held = Promise.withResolvers<null>();
    await using house = await BrokerHouse.open({ execute: () => held.promise });
    const names = ["a", "b", "c", "d", "e", "f"];
    const plugins = names.map((pluginId) => house.plugin({ pluginId, dependencies: names }));
    const chain = names
      .slice(1, 5)
      .map((id, index) => plugins[index]?.call("plugins.execute", { id, input: null }));
    const [a, , , , e] = plugins;
    expect(await codeOf(e?.call("plugins.execute", { id: "a", input: null }) ?? held.promise)).toBe(
      "plugin_state_conflict",
    );
    expect(await codeOf(e?.call("plugins.execute", { id: "f", input: null }) ?? held.promise)).toBe(
      "plugin_state_conflict",
    );
    expect(await codeOf(a?.call("plugins.execute", { id: "a", input: null }) ?? held.promise)).toBe(
      "plugin_state_conflict",
    );
    held.resolve(null);
    await Promise.all(chain);
    expect(await codeOf(e?.call("plugins.execute", { id: "a", input: null }) ?? held.promise)).toBe("ok");
  });
});

describe("a browser", () => {
  test("is opened with the permission only, and ended with the session", async () => {
    const served: unknown[] = [];
    const serve = async (method: string, params: unknown) => served.push([method, params]);
    const close = async () => void served.push("closed");
    await using house = await BrokerHouse.open({ openBrowser: () => ({ serve, close }) });
    expect(await codeOf(house.plugin().call("browser.open", {}))).toBe("permission_denied");
    const plugin = house.plugin({ permissions: { browser: [{ hosts: ["shop.example"], why }] } });
    expect(await codeOf(plugin.call("browser.open", { width: 100 }))).toBe("ok");
    await plugin.session.close();
    expect(served).toEqual([["browser.open", { width: 100 }], "closed"]);
  });
});
