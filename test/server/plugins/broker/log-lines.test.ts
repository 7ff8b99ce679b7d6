import { expect, test } from "bun:test";
import type { Logger } from "../../../../server/logs/logger.ts";
import { PluginLogs } from "../../../../server/plugins/broker/log-lines.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

test("the server's log tells what a plugin says from what is said of it, the words first", () => {
  const told: [message: string, said: Record<string, unknown>][] = [];
  const hear = (message: string, said: Record<string, unknown> = {}) => void told.push([message, said]);
  const log: Logger = { debug: hear, info: hear, warning: hear, error: hear, child: () => log };
  const logs = new PluginLogs({ log, clock: new ManualClock(), scrub: (text) => text });

  logs.write("shop", { source: "plugin", level: "info", message: "sold" });
  logs.write("shop", { source: "server", level: "info", message: "Ended: nobody uses it" });

  expect(told.map(([message, { text }]) => [message, text])).toEqual([
    ["A plugin says", "sold"],
    ["Of a plugin", "Ended: nobody uses it"],
  ]);
  expect(told.map(([, said]) => Object.keys(said)[0])).toEqual(["text", "text"]);
});
