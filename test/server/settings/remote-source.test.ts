import { describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { Configuration } from "../../../server/config/configuration.ts";
import type { Layer } from "../../../server/config/layers.ts";
import { Recovery } from "../../../server/incidents/recovery.ts";
import { standardStrategies } from "../../../server/incidents/strategies.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { Outbound } from "../../../server/outbound/outbound.ts";
import { ConfigurationEditor } from "../../../server/settings/configuration-editor.ts";
import { ConfigurationJournal } from "../../../server/settings/journal.ts";
import { RemoteAnswerFile } from "../../../server/settings/remote-answer-file.ts";
import { RemoteSource } from "../../../server/settings/remote-source.ts";
import { SettingsHouse } from "./settings-house.ts";

/** The other side: a file with an ETag. */
class ConfigServer implements Disposable {
  text = "log:\n  level: debug\n";
  status = 200;
  readonly asked: { authorization: string | null; etag: string | null }[] = [];
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ headers }) => {
      const etag = `"${Bun.hash(this.text)}"`;
      this.asked.push({ authorization: headers.get("authorization"), etag: headers.get("if-none-match") });
      if (this.status !== 200) return new Response("no", { status: this.status });
      if (headers.get("if-none-match") === etag) return new Response(null, { status: 304 });
      return new Response(this.text, { headers: { etag } });
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/binnacle.yaml?token=hidden`;
  }

  [Symbol.dispose](): void {
    this.#server.stop(true);
  }
}

function remoteOf(house: SettingsHouse, url: string, settings: Record<string, unknown> = {}) {
  const file: Layer = {
    kind: "file",
    origin: "binnacle.yaml",
    values: new Map(
      Object.entries({ "config.remote.url": url, "config.remote.allow": ["127.0.0.1"], ...settings }),
    ),
  };
  const flags: Layer = { kind: "flags", origin: "flags", values: new Map([["metrics.intervalSeconds", 30]]) };
  const configuration = new Configuration([file, flags]);
  const { database, history, audit, timers } = house;
  const clock = systemClock;
  const journal = new ConfigurationJournal({
    configuration,
    clock,
    log: silentLogger,
    events: { publish() {} },
  });
  const editor = new ConfigurationEditor({ configuration, database, history, audit, journal, clock });
  const path = house.folder.file("remote-configuration.json");
  const answers = new RemoteAnswerFile(path);
  const outbound = new Outbound({ clock });
  const [counted, reported]: [string[], string[]] = [[], []];
  const count = (strategy: string, code: string, hasSucceeded: boolean) =>
    void counted.push(`${strategy} ${code} ${hasSucceeded ? "worked" : "failed"}`);
  const recovery = new Recovery({ report: (_error, { where }) => void reported.push(where), count });
  for (const strategy of standardStrategies(clock, count)) recovery.register(strategy);
  const remote = new RemoteSource({
    configuration,
    outbound,
    answers,
    editor,
    journal,
    timers,
    recovery,
    clock,
    log: silentLogger,
  });
  return { configuration, remote, journal, editor, path, counted, reported };
}

describe("the remote source", () => {
  test("stands above the files and below the flags; asked again with its ETag, it may say that nothing changed", async () => {
    await using house = new SettingsHouse();
    using server = new ConfigServer();
    server.text = "log:\n  level: debug\nmetrics:\n  intervalSeconds: 10\n";
    const { configuration, remote, editor } = remoteOf(house, server.url, {
      "log.level": "error",
      "config.remote.authorization": "Bearer letmein",
    });
    await remote.open();
    expect(configuration.settings.log.level).toBe("debug");
    expect(configuration.settings.metrics.intervalSeconds).toBe(30);
    await remote.ask();
    expect(server.asked).toEqual([
      { authorization: "Bearer letmein", etag: null },
      { authorization: "Bearer letmein", etag: expect.stringContaining('"') },
    ]);
    expect(remote.status).toMatchObject({ failure: null, url: expect.not.stringContaining("hidden") });
    const { items } = await editor.listHistory({ limit: 5 });
    expect(items).toMatchObject([{ action: "remote", changes: [{ key: "log.level", after: "debug" }] }]);
    server.text = "log:\n  level: warning\n";
    await remote.ask();
    expect(configuration.settings.log.level).toBe("warning");
  });

  test("that fails falls back to the last good answer, rests when it goes on failing, and is counted", async () => {
    await using house = new SettingsHouse();
    using server = new ConfigServer();
    const { configuration, remote, counted, reported } = remoteOf(house, server.url);
    server.status = 503;
    await remote.open();
    expect(reported).toEqual(["the remote configuration"]);
    expect(counted).toEqual([]);
    server.status = 200;
    server.text = "log:\n  level: debug\n";
    await remote.ask();
    server.status = 503;
    for (let round = 0; round < 5; round++) await remote.ask();
    const asked = server.asked.length;
    await remote.ask();
    expect(server.asked.length).toBe(asked);
    expect(remote.status?.failure).toContain("rests");
    expect(configuration.settings.log.level).toBe("debug");
    expect(counted).toEqual([
      ...new Array(4).fill("fall_back outbound_failed worked"),
      "open_circuit circuit_open failed",
      "fall_back outbound_failed worked",
      "fall_back circuit_open worked",
    ]);
    expect(reported.length).toBe(1);
  });

  test("that cannot be reached, or answers badly, leaves the last good answer in force", async () => {
    await using house = new SettingsHouse();
    using server = new ConfigServer();
    const { configuration, remote, journal } = remoteOf(house, server.url);
    await remote.open();
    server.text = "log:\n  levle: debug\n";
    await remote.ask();
    expect(journal.rejections).toMatchObject([
      { source: "remote", problems: [{ path: "log.levle", line: 2 }] },
    ]);
    expect(remote.status?.failure).toContain("log.levle");
    server.status = 503;
    await remote.ask();
    expect(remote.status?.failure).toContain("503");
    expect(configuration.settings.log.level).toBe("debug");
    server.status = 200;
    server.text = "log:\n  level: error\n";
    await remote.ask();
    expect(configuration.settings.log.level).toBe("error");
    expect(journal.rejections).toEqual([]);
  });

  test("is not needed for a start: the last good answer is on disk, for its owner only", async () => {
    await using house = new SettingsHouse();
    const server = new ConfigServer();
    const { remote, path } = remoteOf(house, server.url);
    await remote.open();
    const { url } = server;
    server[Symbol.dispose]();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const next = remoteOf(house, url);
    await next.remote.open();
    expect(next.configuration.settings.log.level).toBe("debug");
    await next.remote.ask();
    expect(next.remote.status?.failure).not.toBeNull();
    expect(next.configuration.settings.log.level).toBe("debug");
    const other = remoteOf(house, "http://127.0.0.1:1/other.yaml");
    await other.remote.open();
    expect(other.configuration.settings.log.level).toBe("info");
    expect(readFileSync(path, "utf8")).toContain("debug");
  });

  test("may not set what belongs to the machine, nor lead to a private address that was not allowed", async () => {
    await using house = new SettingsHouse();
    using server = new ConfigServer();
    server.text = "config:\n  remote:\n    url: http://192.0.2.1/\n";
    const { remote, configuration, journal } = remoteOf(house, server.url);
    await remote.open();
    expect(journal.rejections[0]?.message).toContain(
      "only a file, the environment or a flag of this machine",
    );
    expect(configuration.settings.config.remote.url).toBe(server.url);
    const strict = remoteOf(house, server.url, { "config.remote.allow": [] });
    await strict.remote.open();
    expect(strict.remote.status?.failure).toContain("not public");
  });
});
