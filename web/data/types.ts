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
  /** False for somebody who signs in by a provider only. */
  hasPassword: boolean;
}

export interface SessionAnswer {
  user: User;
  scopes: GrantedScope[];
  /** Null where nobody signed in: a server that lets whoever is on its machine look. */
  expiresAt: string | null;
}

export interface SetUpState {
  /** Nobody has an account yet. */
  needed: boolean;
  /** The asking browser holds a valid session. */
  signedIn: boolean;
  /** What it may do without signing in. */
  anonymousScopes: GrantedScope[];
}

/** A provider one can sign in with. */
export interface SignInProvider {
  id: string;
  /** What its button says. */
  label: string;
}

/** An account at a provider by which a user signs in. */
export interface Identity {
  id: string;
  userId: string;
  provider: string;
  email: string | null;
  createdAt: string;
  lastUsedAt: string | null;
}

/** A one-time link by which a user sets a new password. */
export interface ResetLink {
  userName: string;
  url: string;
  expiresAt: string;
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
  /** Id of the provider that vouched for the person; null for a password. */
  provider: string | null;
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
  /** It ships with Binnacle and cannot be changed. */
  builtIn: boolean;
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
