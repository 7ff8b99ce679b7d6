import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { fileLayer, parseLayer } from "../../../server/config/config-file.ts";
import { Configuration } from "../../../server/config/configuration.ts";
import { environmentLayer } from "../../../server/config/environment.ts";
import type { Layer } from "../../../server/config/layers.ts";
import { environmentName, SETTINGS } from "../../../server/config/schema.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { TempFolder } from "../../support/temp-folder.ts";

const layer = (origin: string, values: Record<string, unknown>): Layer => ({
  origin,
  values: new Map(Object.entries(values)),
});

/** The public sentence of what `work` throws. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_configuration") return error.message;
    throw error;
  }
  throw new Error("It was accepted.");
}

describe("layers", () => {
  test("the later wins, key by key, and each value knows where it comes from", () => {
    const { settings, origins } = new Configuration([
      layer("binnacle.yaml", { "server.port": 9_000, "log.level": "debug" }),
      { ...layer("flags", { "server.port": 9_100 }), kind: "flags" },
    ]);
    expect(settings.server).toMatchObject({ port: 9_100, host: "127.0.0.1" });
    expect(settings.log.level).toBe("debug");
    expect(origins.get("server.port")).toBe("flags");
    expect(origins.get("log.level")).toBe("binnacle.yaml");
    expect(origins.get("server.host")).toBe("default");
  });

  test("every setting has a default that its own schema accepts, and a sentence", () => {
    const { origins } = new Configuration([]);
    expect([...origins.keys()]).toEqual(SETTINGS.map((setting) => setting.key));
    for (const setting of SETTINGS) expect(setting.schema.description).toBeString();
  });
});

test("what weakens a guard is set by a file or a flag, never by the environment", () => {
  const inherited = environmentLayer({ BINNACLE_PLUGINS__MAX_LANDLOCK_ABI: "3" });
  expect(refusal(() => new Configuration([inherited]))).toContain("only a file or a flag of this machine");
  const written = (abi: number) =>
    new Configuration([layer("binnacle.yaml", { "plugins.maxLandlockAbi": abi })]);
  expect(written(3).settings.plugins.maxLandlockAbi).toBe(3);
  expect(refusal(() => written(1))).toContain("plugins.maxLandlockAbi");
});

test("an empty listening address, which would mean every interface, is refused", () => {
  const sentence = refusal(
    () => new Configuration([{ ...layer("flags", { "server.host": "" }), kind: "flags" }]),
  );
  expect(sentence).toContain('server.host: "" is not allowed');
});

describe("a file", () => {
  const parsed = (text: string) => new Configuration([parseLayer(text, "binnacle.yaml", "file")]);

  test("is YAML or JSON; empty files, empty sections and dotted keys are fine", () => {
    expect(parsed("server:\n  port: 9000\n").settings.server.port).toBe(9_000);
    expect(parsed('{"server": {"port": 9000}}').settings.server.port).toBe(9_000);
    expect(parsed("server.port: 9000").settings.server.port).toBe(9_000);
    for (const text of ["", "# nothing yet\n", "server:\n  # port: 9000\n"]) {
      expect(parsed(text).settings.server.port).toBe(8_000);
    }
  });

  test("is refused with line, column and the nearest key for an unknown one", () => {
    const text = "log:\n  level: info\nserver:\n  prot: 9000\n";
    expect(refusal(() => parsed(text))).toContain(
      'server.prot: there is no such setting; did you mean "server.port"? (binnacle.yaml:4:3)',
    );
  });

  test("is refused with the allowed values for a wrong one", () => {
    expect(refusal(() => parsed("log:\n  level: loud"))).toContain(
      'log.level: "loud" is not allowed: one of debug, info, warning, error (binnacle.yaml:2:3)',
    );
    expect(refusal(() => parsed("server:\n  port: 99999"))).toContain("a whole number from 0 to 65535");
    expect(refusal(() => parsed("features:\n  graphql: perhaps"))).toContain("true or false");
    expect(refusal(() => parsed("server:\n  port: null"))).toContain("null is not allowed");
    expect(refusal(() => parsed("server: 9000"))).toContain("server: this is a section");
  });

  test("names every wrong key at once", () => {
    const message = refusal(() => parsed("server:\n  port: x\n  host: 7\nnothing: 1"));
    for (const key of ["server.port", "server.host", "nothing"]) expect(message).toContain(key);
  });

  test.each([
    ["a key twice", "server:\n  port: 1\n  port: 2\n", "binnacle.yaml:3:3"],
    ["broken YAML", "server:\n  port: [1\n", "binnacle.yaml:"],
    ["a list", "- 1\n- 2\n", "binnacle.yaml:1:1"],
    ["a text", "hello", "binnacle.yaml:1:1"],
    ["two documents", "server: {}\n---\nserver: {}\n", "binnacle.yaml:"],
    ["a prototype", "__proto__:\n  polluted: 1\n", "__proto__"],
    [
      "an alias bomb",
      `a: &a [1]\n${Array.from({ length: 200 }, (_, i) => `b${i}: *a`).join("\n")}`,
      "binnacle.yaml",
    ],
    ["bottomless nesting", "[".repeat(200_000), "binnacle.yaml"],
    ["a huge key", `${"k".repeat(500_000)}: 1`, "binnacle.yaml:1:1"],
  ])("is refused with a sentence when it holds %s", (_what, text, expected) => {
    expect(refusal(() => parsed(text))).toContain(expected);
    expect("polluted" in {}).toBe(false);
  });

  test("that is asked for must be there; one that may be there need not", () => {
    using folder = new TempFolder();
    expect(fileLayer(folder.file("binnacle.yaml"), "file", false)).toBeUndefined();
    expect(refusal(() => fileLayer(folder.file("binnacle.yaml"), "file", true))).toContain("ENOENT");
    expect(refusal(() => fileLayer(folder.path, "file", true))).toContain("not a file");
    writeFileSync(folder.file("huge.yaml"), "#".repeat(1_100_000));
    expect(refusal(() => fileLayer(folder.file("huge.yaml"), "file", true))).toContain("larger than");
  });
});

describe("the environment", () => {
  test("has one name for each setting, all different, and honours the older ones", () => {
    const names = SETTINGS.map((setting) => environmentName(setting.key));
    expect(new Set(names).size).toBe(names.length);
    expect(environmentName("limits.api.perMinute")).toBe("BINNACLE_LIMITS__API__PER_MINUTE");
    const { settings, origins } = new Configuration([
      environmentLayer({
        BINNACLE_SERVER__PORT: "9000",
        BINNACLE_SERVER__ALLOWED_HOSTS: "a.example, b.example",
        ENABLE_GRAPHQL_API: "off",
        PATH: "/bin",
        BINNACLE_TOKEN: "not a setting",
      }),
    ]);
    expect(settings.server).toMatchObject({ port: 9_000, allowedHosts: ["a.example", "b.example"] });
    expect(settings.features.graphql).toBe(false);
    expect(origins.get("features.graphql")).toBe("environment");
  });

  test("a mistyped name is refused with the nearest, a wrong value with what is allowed", () => {
    const of = (environment: Record<string, string>) =>
      refusal(() => new Configuration([environmentLayer(environment)]));
    expect(of({ BINNACLE_SERVER__PROT: "1" })).toContain('did you mean "BINNACLE_SERVER__PORT"?');
    expect(of({ BINNACLE_SERVER__PORT: "80a" })).toContain('"80a" is not allowed: a whole number');
    expect(of({ ENABLE_GRAPHQL_API: "perhaps" })).toContain(
      "true or false (ENABLE_GRAPHQL_API in the environment)",
    );
  });
});

describe("while running", () => {
  test("watchers hear of what they read, and of nothing else; one that throws keeps nobody from hearing", () => {
    const configuration = new Configuration([]);
    const heard: unknown[] = [];
    configuration.watch(
      () => 0,
      () => heard.push("never"),
    );
    configuration.watch(
      (settings) => settings.log.level,
      () => {
        throw new Error("broken part");
      },
    );
    const end = configuration.watch(
      (settings) => settings.log.level,
      (level) => heard.push(level),
    );
    configuration.replace([layer("file", { "server.port": 1 })]);
    expect(heard).toEqual([]);
    expect(() => configuration.replace([layer("file", { "log.level": "debug" })])).toThrow(AggregateError);
    expect(heard).toEqual(["debug"]);
    end();
    expect(() => configuration.replace([])).toThrow(AggregateError);
    expect(heard).toEqual(["debug"]);
  });

  test("a bad edit changes nothing", () => {
    const configuration = new Configuration([layer("file", { "server.port": 9_000 })]);
    refusal(() => configuration.replace([layer("file", { "server.port": "x" })]));
    expect(configuration.settings.server.port).toBe(9_000);
    expect(configuration.origins.get("server.port")).toBe("file");
  });
});
