/*
 * Everything an author's plugin sees of Binnacle. It imports nothing, so that it can stand alone beside a plugin: it is
 * printed into binnacle.d.ts.txt, which `plugin new` writes next to what it scaffolds.
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

/** A headless browser on the hosts that the `browser` permission names. */
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

export type HealthStatus = "healthy" | "degraded" | "unhealthy";

export interface HealthReport {
  status: HealthStatus;
  message?: string;
  dependencies?: { name: string; status: HealthStatus; responseMs?: number }[];
}

export interface PluginEvent {
  /** The same each time the event is handed over: handle one twice without harm. */
  id: string;
  /** Such as `alert.raised`. */
  type: string;
  /** Epoch milliseconds. */
  time: number;
  /** Who speaks; events of one source come in order. */
  source: string;
  correlationId: string;
  payload: unknown;
  /** 1 the first time. */
  attempt: number;
}

type Awaitable<Value> = Value | Promise<Value>;

/** What every plugin may have, whatever its type. Each function may be asynchronous. */
export interface PluginLifeCycle<Config = Record<string, unknown>> {
  /** Called once, before anything else. When it throws, the plugin does not start. */
  initialize?(ctx: PluginContext<Config>): Awaitable<void>;
  /** Asked at the interval of the manifest; without one, a plugin that answers is healthy. */
  health?(ctx: PluginContext<Config>): Awaitable<HealthReport | HealthStatus>;
  /** Called before the process ends in order. */
  shutdown?(ctx: PluginContext<Config>): Awaitable<void>;
  /** Told of the events that the manifest's `hooks` name; called again when it throws. */
  onEvent?(event: PluginEvent, ctx: PluginContext<Config>): Awaitable<void>;
  /** Told that the configuration has changed; without it the plugin is started anew. */
  configure?(config: Config, ctx: PluginContext<Config>): Awaitable<void>;
}

interface Executable<Input, Output, Config> {
  /** What `plugin execute` and the REST, GraphQL and dashboard calls run. Input and output are JSON. */
  execute?(input: Input, ctx: PluginContext<Config>): Awaitable<Output>;
}

/** A plugin of the type `custom`: whatever `execute` does. */
export interface PluginDefinition<Input = unknown, Output = unknown, Config = Record<string, unknown>>
  extends PluginLifeCycle<Config>,
    Executable<Input, Output, Config> {}

export interface BackupInput {
  /** Absolute path of the finished backup, a file or folder. */
  sourcePath: string;
  backupName: string;
}

export interface BackupOutcome {
  /** Where it is now, for a person to read. */
  location: string;
  sizeBytes?: number;
}

/** Takes finished backups to another place. */
export interface BackupDefinition<Config = Record<string, unknown>>
  extends PluginLifeCycle<Config>,
    Executable<unknown, unknown, Config> {
  backup(input: BackupInput, ctx: PluginContext<Config>): Awaitable<BackupOutcome>;
}

/** A message to people: what became of one alert or of several. */
export interface Alert {
  /** The same at every attempt: a receiver tells repetitions by it. */
  id: string;
  /** Type of the alert that stands for all: the worst that still fires. */
  type: string;
  /** `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`. */
  severity: string;
  /** `firing`, or `resolved` when all of it is over. */
  state?: string;
  /** In the channel's words. */
  title?: string;
  /** In the channel's words, a line an alert. */
  message: string;
  labels?: Record<string, string>;
  /** Alerts that it tells of; the first of them are in `alerts`. */
  count?: number;
  alerts?: AlertItem[];
  reason?: "change" | "escalation" | "test";
  /** Name of the route it comes by. */
  route?: string;
  /** The same for all messages of one group of alerts: what threads by it keeps them together. */
  group?: string;
  /** Its place in the dashboard; absent while `server.publicUrl` is not set. */
  link?: string;
  /** ISO 8601. */
  createdAt: string;
  [field: string]: unknown;
}

export interface AlertItem {
  id: string;
  type: string;
  severity: string;
  state: string;
  message: string;
  labels: Record<string, string>;
  /** ISO 8601. */
  raisedAt: string;
}

/** What an alert says, for any channel: see `alertWords`. */
export interface AlertWords {
  /** For whoever sees no colours: `●` low, `▲` medium, `■` high, `◆` critical, `✓` over, `○` a test. */
  shape: string;
  /** Red, green and blue: `0xd64545`. */
  color: number;
  title: string;
  body: string;
  /** Severity, number of alerts, route and time, in one line. */
  footer: string;
  isResolved: boolean;
}

/** How a text is written, and how its size is counted, by `shortened`; as it is, and in UTF-16 units, unless given. */
export interface Shortening {
  written?: (character: string) => string;
  sizeOf?: (text: string) => number;
}

/** An answer over HTTP that was read: see `readAnswer`. */
export interface ServiceAnswer {
  status: number;
  /** The beginning of the body. */
  text: string;
  /** The body, when it is JSON. */
  json: unknown;
  /** What the header `retry-after` asks for. */
  retryAfterMs: number | undefined;
}

/** How a channel says that it did not send: try again after that time (0: as usual), or, with `rejected`, never. */
export interface AlertRefusal {
  retryAfterMs?: number;
  rejected?: string;
  reason?: string;
}

/** How a channel says that it sent; `answer` is what the service said. */
export interface AlertReceipt {
  reference?: string;
  answer?: string;
}

/** Sends alerts to people. When it throws, the alert is sent again later, under the same id. */
export interface AlertDefinition<Config = Record<string, unknown>>
  extends PluginLifeCycle<Config>,
    Executable<unknown, unknown, Config> {
  send(
    input: { alert: Alert },
    ctx: PluginContext<Config>,
  ): Awaitable<AlertReceipt | AlertRefusal | undefined>;
}

export interface CollectedMetric extends MetricOptions {
  name: string;
  value: number;
  kind?: "gauge" | "counter";
}

/** Measures something; is asked at an interval. */
export interface MonitorDefinition<Config = Record<string, unknown>>
  extends PluginLifeCycle<Config>,
    Executable<unknown, unknown, Config> {
  /** @param input.metrics the server's own newest values, by name */
  collect(
    input: { metrics: Record<string, number> },
    ctx: PluginContext<Config>,
  ): Awaitable<CollectedMetric[] | Record<string, number>>;
}

/** Work that a schedule or a person starts. */
export interface TaskDefinition<Input = unknown, Output = unknown, Config = Record<string, unknown>>
  extends PluginLifeCycle<Config> {
  execute(input: Input, ctx: PluginContext<Config>): Awaitable<Output>;
}

export interface QueryMetadata {
  name?: string;
  description?: string;
  version?: string;
  [field: string]: unknown;
}

/** Answers queries of the registry from a source of its own. */
export interface QueryDefinition<Config = Record<string, unknown>> {
  metadata?: QueryMetadata;
  /** Called once, before anything else. */
  init?(config: Config, ctx: PluginContext<Config>): Awaitable<void>;
  /** May add to the claims that the server signs for the datasource; answers those to be signed. */
  beforeJwtSign?(
    ctx: PluginContext<Config>,
    claims: Record<string, unknown>,
  ): Awaitable<Record<string, unknown> | undefined>;
  executeQuery(
    ctx: PluginContext<Config>,
    queryId: string,
    params: Record<string, unknown>,
  ): Awaitable<unknown>;
  healthCheck?(ctx: PluginContext<Config>): Awaitable<HealthReport | HealthStatus>;
  shutdown?(ctx: PluginContext<Config>): Awaitable<void>;
  onEvent?(event: PluginEvent, ctx: PluginContext<Config>): Awaitable<void>;
  configure?(config: Config, ctx: PluginContext<Config>): Awaitable<void>;
  execute?(input: unknown, ctx: PluginContext<Config>): Awaitable<unknown>;
}

export interface MiddlewareRequest {
  method: string;
  path: string;
  /** In lower case; credentials are left out. */
  headers: Record<string, string>;
  [field: string]: unknown;
}

export interface MiddlewareDecision {
  /** The request goes no further and is answered so; with 403 when no status (400–499) is given. */
  refuse?: { status?: number; message?: string };
  /** Headers added to the answer; their names begin with `x-`. */
  headers?: Record<string, string>;
}

/** Sees requests to this server before they are served. Without a decision they go on as they are. */
export interface MiddlewareDefinition<Config = Record<string, unknown>>
  extends PluginLifeCycle<Config>,
    Executable<unknown, unknown, Config> {
  onRequest(
    request: MiddlewareRequest,
    ctx: PluginContext<Config>,
  ): Awaitable<MiddlewareDecision | undefined>;
}
