import type { Backoff } from "../lib/backoff.ts";
import type { Event } from "./event.ts";

/** How a durable subscriber is delivered to. */
export interface DurableOptions {
  /** Stays the same over restarts: its place in the events is kept under it. */
  name: string;
  /** How long one event may take. */
  timeoutMs?: number;
  backoff?: Backoff;
  /** An event that failed so often is put aside, so that its source goes on. */
  maxAttempts?: number;
  /** Where a subscriber that was never here begins: at what comes (unless said), or at the oldest event kept. */
  from?: "now" | "oldest";
}

/** Called with an event, again after a failure or a crash: handle the same `event.id` twice without harm. */
export type DurableHandler = (event: Event, signal: AbortSignal) => Promise<void>;

/** How a durable subscriber fares. */
export interface DurableStatus {
  name: string;
  /** Its patterns, joined by a comma. */
  pattern: string;
  /** Every event up to this number is handled, parked or in the backlog. */
  cursor: number;
  /** Events behind the newest. */
  lag: number;
  delivered: number;
  failures: number;
  missed: number;
  /** Sources that wait for another attempt. */
  backlog: { source: string; attempts: number; message: string }[];
}
