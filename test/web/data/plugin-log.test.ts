import { describe, expect, test } from "bun:test";
import type { FeedPhase } from "../../../web/data/graph-feed.ts";
import { type LogFeedData, MAX_KEPT_LINES, PluginLog } from "../../../web/data/plugin-log.ts";
import type { LogLine } from "../../../web/data/plugins-types.ts";
import { Observable } from "../../../web/lib/observable.ts";

const line = (seq: number, at = "2026-11-21T10:00:00Z"): LogLine => ({
  seq,
  at,
  level: "info",
  source: "plugin",
  message: `line ${seq}`,
  fields: {},
  correlationId: null,
});

/** A log whose kept lines and feed are the test's. */
function openLog(kept: () => Promise<LogLine[]>) {
  let hear: (data: LogFeedData) => void = () => {};
  let reopen: () => void = () => {};
  const feed = {
    phase: new Observable<FeedPhase>("open"),
    follow: (_subscription: unknown, onData: typeof hear, onOpen: () => void = () => {}) => {
      hear = onData;
      reopen = onOpen;
    },
    stop: () => {},
  };
  const log = new PluginLog({ log: kept }, feed);
  return {
    log,
    hear: (seq: number, at?: string) => hear({ pluginLogLines: line(seq, at) }),
    reopen: () => reopen(),
  };
}
const seqs = (log: PluginLog) => log.lines.value?.map(({ seq }) => seq);

describe("the log of a plugin", () => {
  test("is what was kept and then each line, none twice and none lost over a broken connection", async () => {
    let kept = [line(1), line(2)];
    const { log, hear, reopen } = openLog(async () => kept);
    log.follow("echo");
    await Promise.resolve();
    hear(2);
    hear(3);
    expect(seqs(log)).toEqual([1, 2, 3]);
    kept = [line(2), line(3), line(4), line(5)];
    reopen();
    await Promise.resolve();
    expect(seqs(log)).toEqual([1, 2, 3, 4, 5]);
  });

  test("begins anew with a server that began anew", async () => {
    let kept = [line(40), line(41)];
    const { log, hear, reopen } = openLog(async () => kept);
    log.follow("echo");
    await Promise.resolve();
    kept = [line(1)];
    reopen();
    await Promise.resolve();
    expect(seqs(log)).toEqual([1]);
    hear(2);
    expect(seqs(log)).toEqual([1, 2]);
  });

  test("a line of a new server that comes before its log was asked for brings that log", async () => {
    let kept = [line(40)];
    const { log, hear } = openLog(async () => kept);
    log.follow("echo");
    await Promise.resolve();
    kept = [line(1), line(2, "2026-11-21T11:00:00Z")];
    hear(2, "2026-11-21T11:00:00Z");
    await Promise.resolve();
    expect(seqs(log)).toEqual([1, 2]);
  });

  test("holds so many lines and no more", async () => {
    const { log, hear } = openLog(async () =>
      Array.from({ length: MAX_KEPT_LINES }, (_, index) => line(index + 1)),
    );
    log.follow("echo");
    await Promise.resolve();
    hear(MAX_KEPT_LINES + 1);
    expect(log.lines.value?.length).toBe(MAX_KEPT_LINES);
    expect(log.lines.value?.[0]?.seq).toBe(2);
  });

  test("a refusal is told; an answer for another plugin is dropped", async () => {
    const waiting = Promise.withResolvers<LogLine[]>();
    const { log } = openLog(() => waiting.promise);
    log.follow("echo");
    log.stop();
    waiting.resolve([line(1)]);
    await waiting.promise;
    expect(log.lines.value).toBeUndefined();
    const refused = openLog(async () => {
      throw new Error("not yours");
    });
    refused.log.follow("echo");
    await refused.log.load();
    expect(refused.log.problem.value?.detail).toBe("not yours");
  });
});
