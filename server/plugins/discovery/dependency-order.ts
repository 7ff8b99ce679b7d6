import type { PluginBlock } from "../../../schema/rules/plugins.ts";
import { semver } from "../../lib/semver.ts";

/** What the order is made of. */
export interface Dependent {
  id: string;
  version: string;
  /** Id → range of versions. */
  dependencies?: Readonly<Record<string, string>>;
}

/** Why a plugin cannot run beside these others. */
export interface DependencyProblem {
  block: Extract<PluginBlock, "conflict" | "missing_dependency" | "circular_dependency">;
  message: string;
}

export interface DependencyOrder {
  /** Each after everything it needs; by id where nothing else decides. */
  order: string[];
  /** Those that are left out, each with its own reason. */
  blocked: ReadonlyMap<string, DependencyProblem>;
}

/**
 * Puts plugins in the order in which they can start. What is missing, of a wrong version or in a circle keeps that
 * plugin from starting, and those that need it; nobody else.
 */
export function dependencyOrder(plugins: readonly Dependent[]): DependencyOrder {
  const sorted = plugins.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const byId = new Map(sorted.map((plugin) => [plugin.id, plugin]));
  const blocked = new Map<string, DependencyProblem>();
  for (const plugin of sorted) {
    const problem = unmetNeed(plugin, byId) ?? circleOf(plugin, byId);
    if (problem) blocked.set(plugin.id, problem);
  }
  const order: string[] = [];
  let waiting = sorted.filter(({ id }) => !blocked.has(id));
  while (waiting.length > 0) {
    const started = new Set(order);
    const ready = waiting.filter((plugin) => needsOf(plugin).every((id) => started.has(id)));
    order.push(...ready.map(({ id }) => id));
    for (const plugin of waiting) {
      const lost = needsOf(plugin).find((id) => blocked.has(id));
      if (lost !== undefined) blocked.set(plugin.id, lostNeed(lost, blocked.get(lost)));
    }
    waiting = waiting.filter((plugin) => !ready.includes(plugin) && !blocked.has(plugin.id));
  }
  return { order, blocked };
}

const needsOf = ({ dependencies = {} }: Dependent): string[] => Object.keys(dependencies).sort();

function unmetNeed(
  { dependencies = {} }: Dependent,
  byId: ReadonlyMap<string, Dependent>,
): DependencyProblem | undefined {
  const absent = Object.entries(dependencies).filter(([id]) => !byId.has(id));
  if (absent.length > 0) {
    const names = absent.map(([id, range]) => `"${id}" ${range}`).join(", ");
    return { block: "missing_dependency", message: `It needs ${names}, which is not there.` };
  }
  for (const [id, range] of Object.entries(dependencies)) {
    const version = byId.get(id)?.version ?? "";
    if (!semver().satisfies(version, range)) {
      return { block: "conflict", message: `It needs "${id}" ${range}, but ${version} is there.` };
    }
  }
  return undefined;
}

/** The shortest way from a plugin back to itself. */
function circleOf({ id }: Dependent, byId: ReadonlyMap<string, Dependent>): DependencyProblem | undefined {
  const ways: string[][] = [[id]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    const last = byId.get(way.at(-1) ?? "");
    for (const next of last ? needsOf(last) : []) {
      if (next === id) {
        const message = `It needs itself: ${[...way, id].join(" → ")}.`;
        return { block: "circular_dependency", message };
      }
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

const lostNeed = (id: string, problem: DependencyProblem | undefined): DependencyProblem => ({
  block: "missing_dependency",
  message: `It needs "${id}", which cannot run: ${problem?.message ?? ""}`,
});
