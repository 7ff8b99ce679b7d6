import { Type } from "@sinclair/typebox";
import { AppError } from "../../errors/app-error.ts";
import type { PluginDecisions } from "./decisions.ts";
import { method, type ServedMethod } from "./served-method.ts";

/** Executes another plugin in the name of `caller`. */
export type ExecutePlugin = (
  id: string,
  input: unknown,
  options: { caller: string; signal: AbortSignal },
) => Promise<unknown>;

const MAX_DEPTH = 4;

/**
 * Which plugin has calls of which other under way. Nothing that a plugin says of itself is needed: whoever calls is
 * known by its channel, so a circle or a long chain is seen whatever the plugins pretend.
 */
export class CallGraph {
  readonly #calls = new Map<string, Map<string, number>>();

  /**
   * Takes note of a call until the returned function is called.
   * @throws AppError `plugin_state_conflict` when it would close a circle or make a chain of more than four
   */
  begin(caller: string, callee: string): () => void {
    if (caller === callee || this.#reaches(callee, caller)) {
      throw new AppError(
        "plugin_state_conflict",
        `${callee} waits for ${caller} already; plugins cannot call in a circle.`,
      );
    }
    if (this.#depthAbove(caller) + 1 + this.#depthBelow(callee) > MAX_DEPTH) {
      throw new AppError("plugin_state_conflict", `Plugins call each other over at most ${MAX_DEPTH} steps.`);
    }
    this.#add(caller, callee, 1);
    return () => this.#add(caller, callee, -1);
  }

  #add(caller: string, callee: string, step: number): void {
    const callees = this.#calls.get(caller) ?? new Map<string, number>();
    const count = (callees.get(callee) ?? 0) + step;
    if (count > 0) callees.set(callee, count);
    else callees.delete(callee);
    if (callees.size > 0) this.#calls.set(caller, callees);
    else this.#calls.delete(caller);
  }

  #reaches(from: string, to: string): boolean {
    const next = [...(this.#calls.get(from)?.keys() ?? [])];
    return next.some((callee) => callee === to || this.#reaches(callee, to));
  }

  #depthBelow(caller: string): number {
    const callees = [...(this.#calls.get(caller)?.keys() ?? [])];
    return Math.max(0, ...callees.map((callee) => this.#depthBelow(callee) + 1));
  }

  /** Steps of the longest chain that ends at `callee`; there are no circles, and chains are short. */
  #depthAbove(callee: string): number {
    const callers = [...this.#calls].filter(([, callees]) => callees.has(callee)).map(([caller]) => caller);
    return Math.max(0, ...callers.map((caller) => this.#depthAbove(caller) + 1));
  }
}

const ExecuteParams = Type.Object(
  { id: Type.String({ pattern: "^[a-z0-9][a-z0-9_-]{0,63}$" }), input: Type.Unknown() },
  { additionalProperties: false },
);

/** `ctx.plugins` of one plugin: those its manifest depends on. */
export function executionMethods(
  { execute, calls }: { execute: ExecutePlugin; calls: CallGraph },
  dependencies: readonly string[],
  decisions: PluginDecisions,
): Record<"plugins.execute", ServedMethod> {
  return {
    "plugins.execute": method(ExecuteParams, async ({ id, input }, { signal }) => {
      if (!dependencies.includes(id)) {
        throw decisions.deny("plugins", id, `The manifest does not name ${id} among its dependencies.`);
      }
      const end = calls.begin(decisions.pluginId, id);
      decisions.allow("plugins");
      try {
        return await execute(id, input, { caller: `plugin:${decisions.pluginId}`, signal });
      } finally {
        end();
      }
    }),
  };
}
