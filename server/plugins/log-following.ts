import { Bell } from "../lib/bell.ts";
import type { PluginLogLine, PluginLogs } from "./broker/log-lines.ts";

/** Lines that wait for a slow reader; older ones go. */
const MAX_WAITING = 500;

/** The lines of a plugin as they are written. A reader that does not keep up loses the oldest. It ends by `return()`. */
export function followLog(logs: PluginLogs, pluginId: string): AsyncIterableIterator<PluginLogLine> {
  const bell = new Bell();
  const waiting: PluginLogLine[] = [];
  let hasEnded = false;
  const leave = logs.subscribe(pluginId, (line) => {
    waiting.push(line);
    if (waiting.length > MAX_WAITING) waiting.shift();
    bell.ring();
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (!hasEnded) {
        const line = waiting.shift();
        if (line) return { done: false, value: line };
        await bell.wait();
      }
      return { done: true, value: undefined };
    },
    async return() {
      hasEnded = true;
      leave();
      bell.ring();
      return { done: true, value: undefined };
    },
  };
}
