import { describe, expect, test } from "bun:test";
import { Configuration } from "../../../server/config/configuration.ts";
import type { Layer, LayerKind } from "../../../server/config/layers.ts";
import { secretReference } from "../../../server/config/references.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { exportedSettings, exportText } from "../../../server/settings/interchange.ts";
import { settingViews } from "../../../server/settings/setting-view.ts";

const CANARY = "canary-4711";
const env = (name: string) => secretReference(name).replace("secret:", "env:");

const layer = (values: Record<string, unknown>, kind: LayerKind = "file"): Layer => ({
  kind,
  origin: kind,
  values: new Map(Object.entries(values)),
});

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
  throw new Error("It was accepted.");
}

const REDIS = {
  "queryCache.backend": "redis",
  "queryCache.redisUrl": `redis://:${secretReference("redis")}@cache:6379`,
};

describe("references to the environment", () => {
  const environment = { NAME: "ops.example", PORT: "9000", HOSTS: "a.example" };

  test("stand in texts, in items of lists, and for a whole number", () => {
    const { settings } = new Configuration(
      [
        layer({
          "server.publicUrl": `https://${env("NAME")}`,
          "server.port": env("PORT"),
          "server.allowedHosts": [env("HOSTS"), "b.example"],
        }),
      ],
      { environment },
    );
    expect(settings.server).toMatchObject({
      publicUrl: "https://ops.example",
      port: 9_000,
      allowedHosts: ["a.example", "b.example"],
    });
  });

  test("that lead nowhere, are misspelt, or point at the master key are refused with a sentence", () => {
    const of = (value: unknown) =>
      refusal(() => new Configuration([layer({ "server.host": value })], { environment }));
    expect(of(env("MISSING"))).toContain("the environment variable MISSING is not set");
    expect(of("$".concat("{evn:NAME}"))).toContain("is not a reference");
    expect(of("$".concat("{env:NAME"))).toContain("is not a reference");
    expect(of(env("BINNACLE_KEY"))).toContain("may not be referred to");
    expect(
      refusal(() => new Configuration([layer({ "server.port": env("NAME") })], { environment })),
    ).toContain("a whole number from 0 to 65535");
  });

  test("written twice over stand for themselves", () => {
    const text = `$${env("NAME")}`;
    const { settings } = new Configuration([layer({ "queryCache.keyPrefix": text })], { environment });
    expect(settings.queryCache.keyPrefix).toBe(env("NAME"));
  });

  test("of a weaker layer that another overrides need not lead anywhere", () => {
    const { settings } = new Configuration([
      layer({ "server.host": env("MISSING") }),
      layer({ "server.host": "127.0.0.2" }, "flags"),
    ]);
    expect(settings.server.host).toBe("127.0.0.2");
  });
});

describe("references to secrets", () => {
  const open = (name: string) => (name === "redis" ? CANARY : undefined);

  test("wait until the secrets are open, and follow a secret that changes", () => {
    const configuration = new Configuration([layer(REDIS)]);
    expect(configuration.settings.queryCache.redisUrl).toBe("");
    expect(configuration.merged.waiting).toEqual(["queryCache.redisUrl"]);
    const heard: string[] = [];
    configuration.watch("queryCache.redisUrl", (url) => heard.push(url));
    configuration.openSecrets(open);
    configuration.openSecrets(() => "next");
    expect(heard).toEqual([`redis://:${CANARY}@cache:6379`, "redis://:next@cache:6379"]);
  });

  test("to a secret that is not there are refused, and what was in force stays", () => {
    const configuration = new Configuration([layer(REDIS)]);
    configuration.openSecrets(open);
    expect(refusal(() => configuration.openSecrets(() => undefined))).toContain(
      "there is no secret named redis",
    );
    expect(configuration.settings.queryCache.redisUrl).toContain(CANARY);
  });

  test("are never resolved in anything that is shown, exported, compared or refused", () => {
    const configuration = new Configuration([layer(REDIS)]);
    const { changes } = configuration.openSecrets(open);
    const shown = [
      JSON.stringify(settingViews(configuration)),
      JSON.stringify(changes),
      JSON.stringify(configuration.preview(["override"], [layer({ "log.level": "debug" }, "override")])),
      exportText(exportedSettings(configuration, {}, "effective"), "yaml"),
      exportText(exportedSettings(configuration, {}, "effective"), "json"),
      refusal(() =>
        new Configuration([layer({ "server.port": secretReference("redis") })]).openSecrets(open),
      ),
    ];
    expect(configuration.settings.queryCache.redisUrl).toContain(CANARY);
    for (const text of shown) expect(text).not.toContain(CANARY);
  });

  test("written in the open in a file are hidden where settings are shown, and left out of exports", () => {
    const url = `redis://:${CANARY}@cache:6379`;
    const configuration = new Configuration([layer({ "queryCache.redisUrl": url })]);
    const view = settingViews(configuration).find(({ key }) => key === "queryCache.redisUrl");
    expect(view?.value).toBe("[hidden]");
    const text = exportText(exportedSettings(configuration, {}, "effective"), "yaml");
    expect(text).not.toContain(CANARY);
    expect(text).toContain("# queryCache.redisUrl is left out: it holds a secret.");
    const refused = refusal(() => new Configuration([layer({ "queryCache.redisUrl": CANARY })]));
    expect(refused).not.toContain(CANARY);
  });

  test("over the network reach only settings that are never shown, and no environment", () => {
    const of = (values: Record<string, unknown>, kind: LayerKind) =>
      refusal(() => new Configuration([layer(values, kind)], { environment: { HOME: "/root" } }));
    for (const kind of ["override", "remote"] as const) {
      expect(of({ "server.publicUrl": `https://x/${secretReference("redis")}` }, kind)).toContain(
        "shown to people",
      );
      expect(of({ "server.host": env("HOME") }, kind)).toContain("only this machine's own files");
    }
    expect(of({ "queryCache.redisUrl": "redis://:in-the-open@cache" }, "override")).toContain(
      "store it under Secrets",
    );
  });
});
