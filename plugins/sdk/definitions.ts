import type { Alert, AlertReceipt, AlertRefusal } from "./alerts.ts";
import type { MetricOptions, PluginContext } from "./context.ts";

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
