import type { LogLine } from "./logs.ts";

/** A part of the log without a hole: what the page holds of it. */
export interface Segment {
  /** Oldest first. */
  lines: readonly LogLine[];
  /** Where older ones are to be asked for; undefined when there are none. */
  olderStart: number | undefined;
  /** Where newer ones are to be asked for; undefined while this reaches to the newest. */
  newerStart: number | undefined;
  /** Numbers of the oldest and newest line kept in the range of time, whether they fit the filter or not. */
  firstId: number;
  lastId: number;
}

/** Before anything was read. */
export const EMPTY: Segment = {
  lines: [],
  olderStart: undefined,
  newerStart: undefined,
  firstId: 0,
  lastId: 0,
};

/** Both in the order of their numbers, each line once. */
export function merged(held: readonly LogLine[], added: readonly LogLine[]): LogLine[] {
  const byId = new Map([...held, ...added].map((line) => [line.id, line]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
