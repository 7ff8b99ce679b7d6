import type { PluginContext } from "../../plugins/sdk/index.ts";
import type { PluginPermissions } from "../../schema/plugin/manifest.ts";
import type { Targets } from "./targets.ts";

/**
 * How an attack is seen in the server. `failed call`: counted on the plugin, with the event plugin.call_failed (the
 * kernel tells the server of no denial; a plugin that hides its failure is not seen). `denial`: the broker's counter, a
 * line of the audit log and an event. `crash`: the event plugin.crashed, the plugin's log and the error centre.
 * `shown`: on the plugin, or in the answer to whoever brought it. `harmless`: nothing happened that could be seen.
 */
export type Seen = "failed call" | "denial" | "crash" | "shown" | "harmless";

/**
 * What shows that the attack works where nothing denies it: the same code outside the jail as the server's user or as
 * root, with the permission granted, in a size within the limits, or as an honest plugin.
 */
export type Control = "outside" | "outside as root" | "granted" | "modest" | "honest";

interface AttackFacts {
  name: string;
  /** What denies it, the first in line; of several, the measurement says which. */
  deniedBy: string | readonly string[];
  /** How the attempt may end: the name of an error, or of the way in which the process was ended. */
  answers: readonly string[];
  seen: Seen;
  control: Control;
}

/** An attack that a plugin makes. */
export interface InsideAttack extends AttackFacts {
  /** It may end its process, so it has a plugin of its own. */
  isDestructive?: boolean;
  /** Outside, it changes the process that makes it, or puts another program in its place: it has one of its own. */
  isAlone?: boolean;
  /** Setting it up takes root: it is left out where the tests are somebody else's. */
  needsRoot?: boolean;
  timeoutMs?: number;
  /** Returns when it succeeded; throws what stopped it. */
  attempt(targets: Targets, ctx: PluginContext): unknown;
}

/** A family of attacks: one table, one file. */
export interface Family {
  title: string;
  /** What the attacking plugin was granted. */
  grants?(targets: Targets): PluginPermissions;
  /** What the plugin of the control `granted` was granted beyond that. */
  moreGrants?(targets: Targets): PluginPermissions;
  /** What that one depends on. */
  dependencies?: Readonly<Record<string, string>>;
  /** Its controls outside arrive at the suite's listeners. */
  reachesListeners?: boolean;
  /** It takes long: at the reduced size it is tried in one configuration. */
  isSlow?: boolean;
  attacks: readonly InsideAttack[];
}

/** Rows that share what denies them, how they are seen and their control. */
export const sharing = (
  facts: Pick<InsideAttack, "deniedBy" | "answers" | "seen" | "control" | "isAlone" | "needsRoot">,
  attempts: Readonly<Record<string, InsideAttack["attempt"]>>,
): InsideAttack[] => Object.entries(attempts).map(([name, attempt]) => ({ name, ...facts, attempt }));
