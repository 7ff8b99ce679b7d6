import type { PluginContext } from "../../../../plugins/sdk/index.ts";
import type { ServerLine } from "../server-line.ts";
import { browserOf } from "./browser.ts";
import type { OwnConfiguration } from "./config.ts";
import { connect } from "./connect.ts";
import { fetchThroughServer } from "./fetch.ts";
import { filesOf } from "./files.ts";
import type { LogLines } from "./log-lines.ts";
import type { MetricBuffer } from "./metric-buffer.ts";
import { run } from "./run.ts";

/** What is the same for every call of one plugin. */
export interface ContextParts {
  pluginId: string;
  version: string;
  line: ServerLine;
  log: LogLines;
  metrics: MetricBuffer;
  config: OwnConfiguration;
}

/** What one call is. Its signal may be made when it is read: most calls end before anybody asks for it. */
export interface CallFacts {
  readonly signal: AbortSignal;
  correlationId: string;
  caller: string;
}

/**
 * The `ctx` of one call. Everything it does is asked of the server, and ends with the call's signal. Streams that the
 * author leaves open are closed by `ending`, which is aborted when the call is done.
 */
export function createContext(
  { line, log, metrics, config, ...plugin }: ContextParts,
  call: CallFacts,
  ending: { readonly signal: AbortSignal },
): PluginContext {
  let either: AbortSignal | undefined;
  // Most calls hold no stream: joining signals would be a good part of their cost.
  const held = (): AbortSignal => {
    either ??= AbortSignal.any([call.signal, ending.signal]);
    return either;
  };
  return {
    ...plugin,
    correlationId: call.correlationId,
    caller: call.caller,
    get signal() {
      return call.signal;
    },
    config: config.of(call),
    state: {
      get: async <Value>(key: string) =>
        ((await line.ask("state.get", { key }, call.signal)) ?? undefined) as Value | undefined,
      set: async (key, value) => {
        await line.ask("state.set", { key, value: value ?? null }, call.signal);
      },
      delete: (key) => line.ask("state.delete", { key }, call.signal),
      list: (options = {}) => line.ask("state.list", options, call.signal),
    },
    secrets: { get: (name) => line.ask("secrets.get", { name }, call.signal) },
    env: { get: async (name) => (await line.ask("env.get", { name }, call.signal)) ?? undefined },
    logger: {
      debug: (message, fields) => log.write("debug", message, fields, call.correlationId),
      info: (message, fields) => log.write("info", message, fields, call.correlationId),
      warning: (message, fields) => log.write("warning", message, fields, call.correlationId),
      error: (message, fields) => log.write("error", message, fields, call.correlationId),
    },
    metrics: {
      gauge: (name, value, options) => metrics.add({ name, value, kind: "gauge", ...options }),
      counter: (name, value, options) => metrics.add({ name, value, kind: "counter", ...options }),
    },
    events: { publish: (type, payload) => line.ask("events.publish", { type, payload }, call.signal) },
    files: filesOf(line, held),
    plugins: {
      execute: async <Result>(id: string, input?: unknown) =>
        (await line.ask("plugins.execute", { id, input: input ?? null }, call.signal)) as Result,
    },
    browser: browserOf(line, call),
    fetch: (input, init) => fetchThroughServer(line, held(), input, init),
    connect: (options) => connect(line, held(), options),
    run: (command, args = [], options = {}) => run(line, call.signal, command, args, options),
  };
}
