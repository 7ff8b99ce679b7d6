import * as sdk from "../../../plugins/sdk/index.ts";
import { PluginLoadError } from "./load-error.ts";
import { PLUGIN_NAMESPACE, type PluginModule, SDK_MODULE } from "./module-graph.ts";

/**
 * Imports `main` of the modules given, which from then on are what this thread imports under the plugin's namespace.
 * Once in the life of a thread.
 * @throws PluginLoadError for a syntax error; what the module throws as it runs
 */
export async function importPlugin(
  modules: ReadonlyMap<string, PluginModule>,
  main: string,
): Promise<Record<string, unknown>> {
  Bun.plugin({
    name: "binnacle-plugin",
    setup(build) {
      build.module(SDK_MODULE, () => ({ exports: { ...sdk }, loader: "object" }));
      build.onLoad({ filter: /.*/, namespace: PLUGIN_NAMESPACE }, ({ path }) => {
        const module = modules.get(path);
        if (module === undefined) throw new PluginLoadError(`The plugin has no file ${path}.`);
        if ("contents" in module) return module;
        return { exports: { default: module.value() }, loader: "object" };
      });
    },
  });
  try {
    return await import(`${PLUGIN_NAMESPACE}:${main}`);
  } catch (error) {
    if (error instanceof AggregateError || error instanceof BuildMessage || error instanceof ResolveMessage) {
      throw PluginLoadError.ofSyntax(main, error);
    }
    throw error;
  }
}
