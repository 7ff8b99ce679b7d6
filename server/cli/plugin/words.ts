import type { PluginHealth, PluginState } from "../../../schema/rules/plugins.ts";
import type { Plugin } from "../../plugins/model.ts";
import type { Terminal } from "../terminal.ts";

type Tone = "green" | "yellow" | "red" | "dim";

const STATE_TONES = {
  active: "green",
  initialized: "green",
  loaded: "dim",
  unloaded: "dim",
  inactive: "dim",
  paused: "yellow",
  quarantined: "red",
} as const satisfies Record<PluginState, Tone>;

const GOING_ON: ReadonlySet<PluginState> = new Set(["loaded", "initialized", "active", "paused"]);

const HEALTH_TONES = {
  healthy: "green",
  degraded: "yellow",
  unhealthy: "red",
  unknown: "dim",
} as const satisfies Record<PluginHealth, Tone>;

/** Whether there is a version that takes calls, or would: what is blocked then is only a newer one. */
export const goesOn = ({ state }: Pick<Plugin, "state">): boolean => GOING_ON.has(state);

/** The state in its colour; one that is kept from running is red. */
export function stateText(
  { state, block }: Pick<Plugin, "state" | "block">,
  { colours }: Pick<Terminal, "colours">,
): string {
  return colours[block === null || goesOn({ state }) ? STATE_TONES[state] : "red"](state);
}

/** The health in its colour. */
export function healthText(
  { health }: Pick<Plugin, "health">,
  { colours }: Pick<Terminal, "colours">,
): string {
  return colours[HEALTH_TONES[health]](health);
}
