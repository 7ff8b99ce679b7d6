import type { Connection, PluginContext } from "binnacle";

export interface ContextOptions {
  config?: Record<string, unknown>;
  fetch?: PluginContext["fetch"];
  browser?: PluginContext["browser"];
  files?: Record<string, string>;
  signal?: AbortSignal;
}

/** What a bundled plugin is given, in memory: state is kept, what it asks for without being granted is an error. */
export function contextFor<Config = Record<string, unknown>>(
  options: ContextOptions,
): PluginContext<Config> & Recorded {
  const state = new Map<string, string>();
  const recorded = { metrics: [] as RecordedMetric[], logged: [] as string[] };
  const refuse = (what: string) => (): never => {
    throw new Error(`The plugin was not granted ${what}.`);
  };
  const log = (level: string) => (message: string) => {
    recorded.logged.push(`${level}: ${message}`);
  };
  const record = (
    name: string,
    value: number,
    { labels = {} }: { labels?: Record<string, string> } = {},
  ): void => {
    recorded.metrics.push({ name, value, labels });
  };
  const context = {
    pluginId: "under-test",
    version: "1.0.0",
    signal: options.signal ?? new AbortController().signal,
    correlationId: "c",
    caller: "test",
    config: {
      get: async (key?: string) => (key === undefined ? (options.config ?? {}) : options.config?.[key]),
      set: refuse("config"),
    },
    state: {
      get: async (key: string) => JSON.parse(state.get(key) ?? "null") ?? undefined,
      set: async (key: string, value: unknown) => void state.set(key, JSON.stringify(value)),
      delete: async (key: string) => state.delete(key),
      list: async ({ prefix = "", limit = 100 }: { prefix?: string; limit?: number } = {}) =>
        [...state.keys()]
          .filter((key) => key.startsWith(prefix))
          .sort()
          .slice(0, limit),
    },
    secrets: { get: refuse("secrets") },
    env: { get: refuse("env") },
    logger: { debug: log("debug"), info: log("info"), warning: log("warning"), error: log("error") },
    metrics: { gauge: record, counter: record },
    events: { publish: async () => ({ id: "1" }) },
    files: {
      readText: async (path: string) => options.files?.[path] ?? refuse(path)(),
    },
    plugins: { execute: refuse("plugins") },
    browser: options.browser ?? { open: refuse("browser") },
    fetch: options.fetch ?? refuse("net"),
    connect: refuse("net") as () => Promise<Connection>,
    run: refuse("run"),
    recorded,
  };
  return context as unknown as PluginContext<Config> & Recorded;
}

interface RecordedMetric {
  name: string;
  value: number;
  labels: Record<string, string>;
}

interface Recorded {
  recorded: { metrics: RecordedMetric[]; logged: string[] };
}
