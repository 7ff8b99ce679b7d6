import type { GrantedScope } from "../../schema/rules/scopes.ts";

/** Shapes of the server's answers. Times named `…At` are ISO 8601; `at`, `from`, `to` and `t` are epoch milliseconds. */

export type Unit =
  | "percent"
  | "bytes"
  | "bytes_per_second"
  | "seconds"
  | "count"
  | "per_second"
  | "ratio"
  | (string & {});

export interface System {
  hostname: string;
  os: string;
  kernel: string;
  arch: string;
  cpuModel: string;
  cores: number;
  memoryBytes: number;
  bootedAt: string;
  version: string;
  commit: string;
  builtAt: string;
  startedAt: string;
  dataFolder: string;
}

export interface User {
  id: string;
  name: string;
  role: string;
  createdAt: string;
  lastSignInAt: string | null;
  disabled: boolean;
}

export interface SessionAnswer {
  user: User;
  scopes: GrantedScope[];
  expiresAt: string;
}

export interface SetUpState {
  /** Nobody has an account yet. */
  needed: boolean;
  /** The asking browser holds a valid session. */
  signedIn: boolean;
}

export interface SessionRecord {
  id: string;
  userId: string;
  userName: string;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
  address: string | null;
  userAgent: string | null;
  current: boolean;
}

export interface Token {
  id: string;
  name: string;
  userId: string;
  userName: string;
  scopes: GrantedScope[];
  prefix: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

/** The answer to creating a token: the only time its secret is shown. */
export interface CreatedToken extends Token {
  token: string;
}

export interface Role {
  name: string;
  scopes: GrantedScope[];
  description: string;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export type Labels = Record<string, string>;

export interface Series {
  key: string;
  name: string;
  labels: Labels;
  unit: Unit;
}

export interface SeriesRecord extends Series {
  help: string;
  kind: string;
  firstSeenAt: string | number;
  lastSeenAt: string | number;
}

/** One series of a history answer: parallel arrays of buckets, `null` marking a gap. */
export interface SeriesHistory extends Series {
  resolution: "raw" | "1m" | "1h";
  stepMs: number;
  t: number[];
  min: (number | null)[];
  max: (number | null)[];
  avg: (number | null)[];
  last: number | null;
}

export interface HistoryAnswer {
  from: number;
  to: number;
  series: SeriesHistory[];
}

export interface Process {
  pid: number;
  name: string;
  command: string;
  user: string;
  cpuPercent: number;
  memoryBytes: number;
  threads: number;
  startedAt: string | number;
}

export interface ProcessList {
  at: number;
  items: Process[];
}

export interface LiveSeries extends Series {
  id: number;
}

/** What the live-metrics socket sends. */
export type LiveMessage =
  | {
      type: "snapshot";
      seq: number;
      at: number;
      intervalSeconds: number;
      series: LiveSeries[];
      values: Record<string, number | null>;
    }
  | {
      type: "delta";
      seq: number;
      at: number;
      values: Record<string, number | null>;
      series?: LiveSeries[];
    }
  | { type: "error"; code: string; message: string }
  | { type: "pong"; at: number };
