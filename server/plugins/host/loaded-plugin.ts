import type { PluginContext } from "../../../plugins/sdk/index.ts";
import type { HealthReport, LoadParams, LoadResult } from "../../../schema/plugin/rpc.ts";
import { LazyAbort } from "../../lib/lazy-abort.ts";
import type { CallFacts } from "./context/context.ts";
import { currentCall } from "./context/current-call.ts";
import { Definition } from "./definition.ts";
import { buildModuleGraph } from "./module-graph.ts";
import { importPlugin } from "./plugin-modules.ts";

interface LoadedParts {
  /** Aborted when the plugin ends. */
  lifetime: AbortSignal;
  /** `ending` is aborted when the call is done. */
  contextOf(call: CallFacts, ending: { readonly signal: AbortSignal }): PluginContext;
  /** Takes the configuration that this process is given, before the plugin hears of it. */
  configured(given: unknown): void;
  /** Sends what the plugin has recorded. */
  flush(): Promise<void>;
}

/** The plugin's own code, and the one way to call it. */
export class LoadedPlugin {
  readonly #definition: Definition;
  readonly #parts: LoadedParts;

  private constructor(definition: Definition, parts: LoadedParts) {
    this.#definition = definition;
    this.#parts = parts;
  }

  /** @throws PluginLoadError for what is wrong with the code before it runs; what the module throws as it runs */
  static async load(
    { main, allowedImports }: LoadParams,
    files: ReadonlyMap<string, Uint8Array>,
    parts: LoadedParts,
  ): Promise<LoadedPlugin> {
    const modules = buildModuleGraph(files, main, allowedImports);
    const exported = await importPlugin(modules, main);
    return new LoadedPlugin(new Definition(exported.default, main), parts);
  }

  get loaded(): LoadResult {
    return this.#definition.loaded;
  }

  /** Runs `initialize(ctx)`, or `init(config, ctx)` of a query plugin. */
  async initialize(config: unknown): Promise<null> {
    const { lifetime, contextOf, configured } = this.#parts;
    configured(config);
    const ending = { signal: lifetime };
    const ctx = contextOf({ ...ending, correlationId: "initialize", caller: "server" }, ending);
    await this.#definition.find("initialize")?.(ctx);
    await this.#definition.find("init")?.(config, ctx);
    return null;
  }

  /** Calls a function of the definition. @throws Error when there is none of that name; what it throws */
  async call(
    verb: string,
    call: CallFacts,
    argumentsOf: (ctx: PluginContext) => unknown[],
  ): Promise<unknown> {
    const run = this.#definition.find(verb);
    if (run === undefined) throw new Error(`The plugin has no \`${verb}\`.`);
    const ending = new LazyAbort<Error>();
    try {
      const ctx = this.#parts.contextOf(call, ending);
      return await currentCall.run(call.correlationId, () => run(...argumentsOf(ctx)));
    } finally {
      ending.abort(new Error("The call is done."));
      void this.#parts.flush();
    }
  }

  /** A plugin that says nothing of its health, and answers, is healthy. */
  async health(call: CallFacts): Promise<HealthReport> {
    const verb = this.#has("health") ? "health" : "healthCheck";
    if (!this.#has(verb)) return { status: "healthy" };
    const report = await this.call(verb, call, (ctx) => [ctx]);
    return typeof report === "string" ? ({ status: report } as HealthReport) : (report as HealthReport);
  }

  /** @throws Error when the plugin takes no changes while it runs */
  async configure(config: unknown, call: CallFacts): Promise<null> {
    this.#parts.configured(config);
    await this.call("configure", call, (ctx) => [config, ctx]);
    return null;
  }

  async shutDown(call: CallFacts): Promise<void> {
    if (this.#has("shutdown")) await this.call("shutdown", call, (ctx) => [ctx]);
    await this.#parts.flush();
  }

  #has(verb: string): boolean {
    return this.#definition.find(verb) !== undefined;
  }
}
