import { join } from "node:path";

/** The text of one module that holds everything which `entry` imports of ours, as an author bundles a plugin. */
async function bundled(entry: string): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dirname, "plugin", entry)],
    target: "bun",
    format: "esm",
    external: ["binnacle"],
  });
  const [module] = outputs;
  if (!module) throw new Error(`${entry} was not built.`);
  return module.text();
}

/** The hostile plugin, and the same attacks as a program without a jail. */
export async function bundleAttacks(): Promise<{ plugin: string; outside: string }> {
  const [plugin, outside] = await Promise.all([bundled("main.ts"), bundled("outside.ts")]);
  return { plugin, outside };
}
