import type { ErrorCode } from "../../errors/catalogue.ts";
import type { CallFailure } from "./call-statistics.ts";

/** What happened to a unit, for the log, the events and the store. */
export type Occurrence =
  | { kind: "changed" }
  | { kind: "started"; startedInMs: number }
  | { kind: "stopped"; reason: string }
  | { kind: "reloaded"; fromVersion: string }
  | { kind: "crashed"; reason: string; crashes: number; stderrTail: readonly string[] }
  /** After a crash, by itself. */
  | { kind: "restarted"; hasSucceeded: boolean }
  | { kind: "failed"; code: ErrorCode; message: string }
  | { kind: "quarantined"; reason: string; digest: string }
  | { kind: "call_failed"; failure: CallFailure };
