import type { PluginContext } from "../../../plugins/sdk/index.ts";
import { INSIDE_ATTACKS } from "../attacks.ts";
import type { Targets } from "../targets.ts";
import { nameOf } from "./run-attack.ts";

/** The attacks named, by a process without a jail: prints name → `allowed`, or what stopped it. */
const { targets, names }: { targets: Targets; names: string[] } = JSON.parse(process.argv.at(-1) ?? "{}");
const outcomes: Record<string, string> = {};
for (const attack of INSIDE_ATTACKS) {
  if (!names.includes(attack.name)) continue;
  // In the place of the server and of another plugin, one that may come to harm.
  const decoy = Bun.spawn(["sleep", "5"], { stdio: ["ignore", "ignore", "ignore"] });
  const aimed = { ...targets, serverPid: decoy.pid, siblingPid: decoy.pid };
  try {
    await attack.attempt(aimed, {} as PluginContext);
    outcomes[attack.name] = "allowed";
  } catch (error) {
    outcomes[attack.name] = nameOf(error);
  }
}
console.log(JSON.stringify(outcomes));
process.exit(0);
