/*
 * What an author's plugin is given by Binnacle. Together with alerts.ts and definitions.ts it is everything that an author
 * sees; none of them imports anything else, so that they can stand alone beside a plugin: they are printed into
 * binnacle.d.ts.txt, which `plugin new` writes next to what it scaffolds.
 */

/** A value that can be written as JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Reads and changes the plugin's own configuration, as its `config` schema describes it. */
export interface PluginConfig<Config> {
  get(): Promise<Config>;
  get<Key extends keyof Config>(key: Key): Promise<Config[Key]>;
  /** Changes the given values; the rest stays. They are checked against the schema. */
  set(values: Partial<Config>): Promise<void>;
}

/** Values kept for the plugin, also over restarts, reloads and new versions. Each is JSON. */
export interface PluginState {
  get<Value = unknown>(key: string): Promise<Value | undefined>;
  set(key: string, value: unknown): Promise<void>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  /** Keys in order; pages with `after`, the last key of the page before. */
  list(options?: { prefix?: string; limit?: number; after?: string }): Promise<string[]>;
}

/** Lines of the plugin's own log. `console.log` and its kin write there too. */
export interface PluginLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warning(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export type MetricUnit =
  | "percent"
  | "bytes"
  | "bytes_per_second"
  | "seconds"
  | "count"
  | "per_second"
  | "ratio";

export interface MetricOptions {
  labels?: Record<string, string>;
  unit?: MetricUnit;
}

/** Records series under the plugin's name; they are sent together, a moment later. */
export interface PluginMetrics {
  /** A value that goes up and down. */
  gauge(name: string, value: number, options?: MetricOptions): void;
  /** A total that only grows; its rate is what is shown. */
  counter(name: string, value: number, options?: MetricOptions): void;
}

/** The certificate that the other side of a connection has shown, and that was found good. */
export interface TlsPeer {
  /** As in `CN=example.com, O=Example`. */
  subject: string;
  issuer: string;
  /** What it is for: `example.com`. */
  names: string[];
  /** Epoch milliseconds. */
  validFrom: number;
  /** Epoch milliseconds: when it ends. */
  validTo: number;
  /** SHA-256 of the certificate in hex. */
  fingerprint: string;
  /** `TLSv1.3` */
  protocol: string;
}

/** An answer; over https it says whose certificate was seen. */
export type FetchedResponse = Response & { readonly tls?: TlsPeer };

/** Bytes both ways with one host that the `net` permission names. */
export interface Connection {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Absent without TLS. */
  readonly tls?: TlsPeer;
  /** Goes on over TLS, as after STARTTLS; this connection's streams are used no more. */
  startTls(options?: { serverName?: string }): Promise<Connection>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  host: string;
  port: number;
  tls?: boolean;
  /** The name the certificate must have; `host` when absent. */
  serverName?: string;
}

export interface FileEntry {
  name: string;
  kind: "file" | "folder" | "other";
  sizeBytes: number;
}

export interface FileStat {
  kind: "file" | "folder" | "other";
  sizeBytes: number;
  /** Epoch milliseconds. */
  modifiedAt: number;
}

/** Files under the folders that the `read` and `write` permissions name, by absolute path. */
export interface PluginFiles {
  read(path: string): Promise<Uint8Array>;
  readText(path: string): Promise<string>;
  /** For what is too large for memory. */
  stream(path: string, range?: { offset?: number; length?: number }): Promise<ReadableStream<Uint8Array>>;
  /** Creates or replaces the file; with `append`, adds to it. Answers how many bytes it has then. */
  write(
    path: string,
    content: string | Uint8Array | ReadableStream<Uint8Array>,
    options?: { append?: boolean },
  ): Promise<number>;
  list(path: string): Promise<FileEntry[]>;
  /** Undefined when there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Whether there was one. */
  remove(path: string): Promise<boolean>;
}

export interface RunOptions {
  /** What the program reads on standard input. */
  input?: string | Uint8Array | ReadableStream<Uint8Array>;
  timeoutMs?: number;
}

export interface RunOutcome {
  exitCode: number;
  output: string;
  errors: string;
  /** More was written than is kept. */
  isCut: boolean;
}

/** A browser on the hosts that the `browser` permission names. */
export interface BrowserSession extends AsyncDisposable {
  /** One command of the Chrome DevTools Protocol, of those allowed. */
  command<Result = unknown>(method: string, params?: Record<string, unknown>): Promise<Result>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  width?: number;
  height?: number;
  /** Address of an HTTP proxy that every page goes through. */
  proxy?: string;
  /** In a window on the server's display, where the server has one and allows it; headless unless said. */
  visible?: boolean;
}

/** What a plugin is given with each call. What it was not granted throws an error with the code `permission_denied`. */
export interface PluginContext<Config = Record<string, unknown>> {
  readonly pluginId: string;
  readonly version: string;
  /** Aborted when the call is cancelled or takes too long; in `initialize`, when the plugin ends. */
  readonly signal: AbortSignal;
  /** Joins what belongs to one request, in logs too. */
  readonly correlationId: string;
  /** Name of who calls: a user, a token, or a part of the server. */
  readonly caller: string;
  readonly config: PluginConfig<Config>;
  readonly state: PluginState;
  readonly secrets: { get(name: string): Promise<string> };
  readonly env: { get(name: string): Promise<string | undefined> };
  readonly logger: PluginLogger;
  readonly metrics: PluginMetrics;
  readonly events: {
    /**
     * Publishes an event. Its type begins with `plugin.<id>.` (with `_` for each `-` of the id), or is one that an
     * application has registered.
     */
    publish(type: string, payload: Record<string, unknown>): Promise<{ id: string }>;
  };
  readonly files: PluginFiles;
  readonly plugins: {
    /** Calls `execute` of a plugin that the manifest depends on. */
    execute<Result = unknown>(id: string, input?: unknown): Promise<Result>;
  };
  readonly browser: { open(options?: BrowserOptions): Promise<BrowserSession> };
  /** As the global `fetch`, which does the same; ends with `signal`. */
  fetch(input: string | URL | Request, init?: RequestInit & { timeoutMs?: number }): Promise<FetchedResponse>;
  connect(options: ConnectOptions): Promise<Connection>;
  /** Runs a program that the `run` permission names, by absolute path, without a shell. */
  run(command: string, args?: readonly string[], options?: RunOptions): Promise<RunOutcome>;
}
