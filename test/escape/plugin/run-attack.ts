import type { PluginContext } from "../../../plugins/sdk/index.ts";
import type { InsideAttack } from "../attack.ts";
import type { Targets } from "../targets.ts";

/** Begins the sentence in which a plugin tells what stopped it. */
export const STOPPED_BY = "stopped by ";

/** Makes the attempt. @throws Error that names what stopped it */
export async function runAttack(attack: InsideAttack, targets: Targets, ctx: PluginContext): Promise<string> {
  try {
    await attack.attempt(targets, ctx);
  } catch (error) {
    throw new Error(`${STOPPED_BY}${nameOf(error)}`);
  }
  return "allowed";
}

/** The code of an error, or else its first line, whose paths differ from run to run. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code !== undefined) return String(error.code);
  return error.message.split("\n", 1)[0]?.replaceAll(/\S*\/\S*/g, "…") ?? "";
}
