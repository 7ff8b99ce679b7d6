import type {
  AlertDefinition,
  BackupDefinition,
  MiddlewareDefinition,
  MonitorDefinition,
  PluginDefinition,
  QueryDefinition,
  TaskDefinition,
} from "./definitions.ts";

export type * from "./alerts.ts";
export * from "./channel.ts";
export type * from "./context.ts";
export type * from "./definitions.ts";

/** A plugin of any kind: `export default definePlugin({ execute: () => "hello" })`. */
export function definePlugin<Input = unknown, Output = unknown, Config = Record<string, unknown>>(
  definition: PluginDefinition<Input, Output, Config>,
): PluginDefinition<Input, Output, Config> {
  return definition;
}

/** A destination of backups: `backup({ sourcePath, backupName }, ctx)`. */
export function defineBackup<Config = Record<string, unknown>>(
  definition: BackupDefinition<Config>,
): BackupDefinition<Config> {
  return definition;
}

/** A channel of alerts: `send({ alert }, ctx)`. */
export function defineAlert<Config = Record<string, unknown>>(
  definition: AlertDefinition<Config>,
): AlertDefinition<Config> {
  return definition;
}

/** A source of metrics: `collect({ metrics }, ctx)`. */
export function defineMonitor<Config = Record<string, unknown>>(
  definition: MonitorDefinition<Config>,
): MonitorDefinition<Config> {
  return definition;
}

/** Work to be done: `execute(input, ctx)`. */
export function defineTask<Input = unknown, Output = unknown, Config = Record<string, unknown>>(
  definition: TaskDefinition<Input, Output, Config>,
): TaskDefinition<Input, Output, Config> {
  return definition;
}

/** A source of queries: `executeQuery(ctx, queryId, params)`. */
export function defineQuery<Config = Record<string, unknown>>(
  definition: QueryDefinition<Config>,
): QueryDefinition<Config> {
  return definition;
}

/** A step in the way of each request: `onRequest(request, ctx)`. */
export function defineMiddleware<Config = Record<string, unknown>>(
  definition: MiddlewareDefinition<Config>,
): MiddlewareDefinition<Config> {
  return definition;
}
