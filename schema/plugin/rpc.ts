import type { SandboxLevel } from "../rules/plugins.ts";

/** Version of the channel's contract; both sides are one binary, so they agree. */
export const RPC_VERSION = 1;

/** Largest JSON frame either way. Larger things go as streams. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Largest request or message of a plugin: nobody asked for it, and it takes the server's time to read. */
export const MAX_REQUEST_BYTES = 320 * 1024;
/** Deepest nesting of a JSON frame. */
export const MAX_FRAME_DEPTH = 64;
/** Bytes of a stream that may be under way without the reader's credit. */
export const STREAM_CREDIT_BYTES = 256 * 1024;
/** Streams open at once on one channel. */
export const MAX_STREAMS = 64;
/** Requests of a plugin to its broker under way at once. */
export const MAX_BROKER_REQUESTS = 128;

/** The first words, said before a byte of the plugin is sent. */
export interface HelloParams {
  rpcVersion: number;
  level: SandboxLevel;
}

/** What the server asks of the host program: before the plugin's code is there, and of the plugin itself. */
export interface HostMethods {
  /** Answers the version that the host program speaks. */
  hello: { params: HelloParams; result: { rpcVersion: number } };
  /** Load the module; answers what it exports. */
  load: { params: LoadParams; result: LoadResult };
  initialize: { params: { config: unknown }; result: null };
  /** One of the plugin's verbs (see `INVOKED_VERBS` in author.ts). */
  invoke: {
    params: { verb: string; input: unknown; correlationId: string; caller: string };
    result: unknown;
  };
  health: { params: null; result: HealthReport };
  event: { params: { event: unknown; attempt: number; correlationId: string }; result: null };
  configure: { params: { config: unknown }; result: null };
  shutdown: { params: null; result: null };
}

export interface LoadParams {
  pluginId: string;
  version: string;
  /** Module to import, one of `files`. */
  main: string;
  /** Paths inside the plugin's folder. */
  files: { path: string; sizeBytes: number }[];
  /** The bytes of all files, one after another. */
  contents: StreamId;
  /** Modules besides its own files and "binnacle" that it may import; `*` for every one. */
  allowedImports: string[];
}

export interface LoadResult {
  /** Names of the functions that the definition has: `execute`, `health`, `onEvent` … */
  verbs: string[];
  /** What a query plugin says of itself. */
  metadata?: unknown;
}

export interface HealthReport {
  status: "healthy" | "degraded" | "unhealthy";
  message?: string;
  dependencies?: { name: string; status: "healthy" | "degraded" | "unhealthy"; responseMs?: number }[];
}

export type HostMethod = keyof HostMethods;

/** What a plugin asks of the server; each is decided upon, counted, and audited when refused. `log` wants no answer. */
export interface BrokerMethods {
  "config.get": { params: null; result: unknown };
  "config.set": { params: { values: Record<string, unknown> }; result: null };
  "state.get": { params: { key: string }; result: unknown };
  "state.set": { params: { key: string; value: unknown }; result: null };
  "state.delete": { params: { key: string }; result: boolean };
  "state.list": { params: { prefix?: string; limit?: number; after?: string }; result: string[] };
  "secrets.get": { params: { name: string }; result: string };
  "env.get": { params: { name: string }; result: string | null };
  log: {
    params: {
      level: "debug" | "info" | "warning" | "error";
      message: string;
      fields?: Record<string, unknown>;
      /** Of the call that it was written in; heeded for calls that the plugin has under way. */
      correlationId?: string;
    };
    result: null;
  };
  "metrics.record": {
    params: {
      name: string;
      value: number;
      labels?: Record<string, string>;
      unit?: string;
      kind?: "gauge" | "counter";
    }[];
    result: null;
  };
  "events.publish": { params: { type: string; payload: unknown }; result: { id: string } };
  /** The request's body, unless it is short, and the answer's body are streams. */
  fetch: { params: FetchParams; result: FetchResult };
  /** An open connection: `write` is opened by the plugin, `read` by the server; the one ended ends its half. */
  connect: {
    params: { host: string; port: number; tls: boolean; serverName?: string; write: StreamId };
    result: { read: StreamId; tls?: TlsPeer };
  };
  /** Turns TLS on in the open connection whose stream towards the plugin is `read` (STARTTLS); both streams are replaced. */
  "connect.startTls": {
    params: { read: StreamId; serverName?: string; write: StreamId };
    result: { read: StreamId; tls?: TlsPeer };
  };
  "files.read": {
    params: { path: string; offset?: number; length?: number };
    result: { stream: StreamId; sizeBytes: number };
  };
  "files.write": {
    params: { path: string; stream: StreamId; append?: boolean };
    result: { sizeBytes: number };
  };
  "files.list": {
    params: { path: string };
    result: { name: string; kind: "file" | "folder" | "other"; sizeBytes: number }[];
  };
  "files.stat": {
    params: { path: string };
    result: { kind: "file" | "folder" | "other"; sizeBytes: number; modifiedAt: number } | null;
  };
  "files.remove": { params: { path: string }; result: boolean };
  run: {
    params: { command: string; arguments: string[]; input?: StreamId; timeoutMs?: number };
    result: { exitCode: number; output: string; errors: string; isCut: boolean };
  };
  "plugins.execute": { params: { id: string; input: unknown }; result: unknown };
  "browser.open": {
    params: { width?: number; height?: number; proxy?: string; visible?: boolean };
    result: { session: string };
  };
  "browser.command": { params: { session: string; method: string; params?: unknown }; result: unknown };
  "browser.close": { params: { session: string }; result: null };
}
export type BrokerMethod = keyof BrokerMethods;

/** Number of a stream, chosen by the side that opens it: even for the server, odd for the plugin. */
export type StreamId = number;

/** A request's body up to this size is told with the call; a larger one is a stream. */
export const MAX_WHOLE_BODY_BYTES = 65_536;

export interface FetchParams {
  url: string;
  method: string;
  headers: [string, string][];
  body?: StreamId;
  /** In place of `body`: all of it in Base64, `MAX_WHOLE_BODY_BYTES` at most. It is sent with its length, and again after a redirect. */
  wholeBody?: string;
  redirect?: "follow" | "manual" | "error";
  timeoutMs?: number;
}
export interface FetchResult {
  status: number;
  statusText: string;
  url: string;
  headers: [string, string][];
  body?: StreamId;
  /** Whom the connection led to; absent without TLS. */
  tls?: TlsPeer;
}

/** The certificate of the other side, and how it was spoken to. Times are epoch milliseconds. */
export interface TlsPeer {
  subject: string;
  issuer: string;
  names: string[];
  validFrom: number;
  validTo: number;
  fingerprint: string;
  protocol: string;
}

/** How a failure crosses the channel. `code` is one of the server's, or `plugin_execution_failed`. */
export interface WireError {
  code: string;
  message: string;
  /** Of the plugin's own error; never the server's. */
  stack?: string;
}
