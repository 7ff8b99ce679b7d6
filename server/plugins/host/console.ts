import { formatWithOptions } from "node:util";
import type { LogLines } from "./context/log-lines.ts";

const LEVEL_OF_METHOD = {
  debug: "debug",
  trace: "debug",
  log: "info",
  info: "info",
  dir: "info",
  table: "info",
  warn: "warning",
  error: "error",
} as const;

const FORMAT = { colors: false, depth: 4, maxArrayLength: 50, maxStringLength: 2_000 };

/** From now on what is written to the console of this thread goes to the plugin's log. */
export function redirectConsole(log: LogLines): void {
  for (const [method, level] of Object.entries(LEVEL_OF_METHOD)) {
    Reflect.set(console, method, (...values: unknown[]) =>
      log.write(level, formatWithOptions(FORMAT, ...values)),
    );
  }
}
