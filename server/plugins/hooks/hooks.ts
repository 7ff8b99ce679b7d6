import type { PluginHook } from "../../../schema/plugin/manifest.ts";
import type { DurableHandler, DurableOptions } from "../../events/durable-subscriber.ts";
import { type Event, PLUGIN_SOURCE } from "../../events/event.ts";
import { sha256Hex } from "../../lib/ids.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { PluginUnit } from "../supervision/unit.ts";
import { PriorityGate } from "./priority-gate.ts";

/** Events handed to plugins at the same time, of all plugins. */
const MAX_DELIVERIES = 16;
/** How long one event may take, the wait for its turn included. */
const TIMEOUT_MS = 60_000;
const BACKOFF = { baseMs: 1_000, capMs: 60_000 };
/** An event that failed so often is put aside and reported. */
const MAX_ATTEMPTS = 5;
/** Events that were tried and are not done: their attempts are counted for the plugin's sake only. */
const MAX_COUNTED = 1_000;
const HASH_LENGTH = 12;
const OWN_EVENTS = "plugin.";

/** What hooks need of the event bus. */
export interface HookBus {
  subscribeDurably(pattern: string, handler: DurableHandler, options: DurableOptions): Promise<void>;
  unsubscribeDurably(name: string): Promise<void>;
}

interface HooksParts {
  events: HookBus;
  /** Whether the plugin was granted events of this pattern. */
  isGranted(unit: PluginUnit, event: string): boolean;
}

/**
 * Hands events to plugins at least once, over restarts: each hook is a durable subscriber of its own, so that one that
 * fails is retried, then put aside and reported, and holds up no other. While a plugin is paused, stopped or
 * disabled its place in the events stays; it goes on from there, as far back as events are kept.
 */
export class Hooks {
  readonly #parts: HooksParts;
  readonly #gate = new PriorityGate(MAX_DELIVERIES);
  readonly #changing = new Mutex();
  /** Plugin → names of its subscribers. */
  readonly #names = new Map<string, Set<string>>();
  readonly #attempts = new Map<string, number>();

  constructor(parts: HooksParts) {
    this.#parts = parts;
  }

  /** Brings subscribers together with what the unit may hear now: call it whenever that may have changed. */
  async follow(unit: PluginUnit): Promise<void> {
    await this.#changing.run(async () => {
      const wanted = this.#wanted(unit);
      const names = this.#names.get(unit.id) ?? new Set<string>();
      for (const name of [...names]) {
        if (wanted.has(name)) continue;
        names.delete(name);
        await this.#parts.events.unsubscribeDurably(name);
      }
      for (const [name, hook] of wanted) {
        if (names.has(name)) continue;
        await this.#subscribe(unit, name, hook);
        names.add(name);
      }
      if (names.size > 0) this.#names.set(unit.id, names);
      else this.#names.delete(unit.id);
    });
  }

  #wanted(unit: PluginUnit): Map<string, PluginHook> {
    const hooks = unit.isOpen ? (unit.inForce?.manifest.hooks ?? []) : [];
    const granted = hooks.filter(({ event }) => this.#parts.isGranted(unit, event));
    return new Map(granted.map((hook) => [subscriberName(unit.id, hook), hook]));
  }

  async #subscribe(unit: PluginUnit, name: string, { event: pattern, ...hook }: PluginHook): Promise<void> {
    const deliver: DurableHandler = async (event, signal) => {
      if (isAbout(event, unit.id) || !fits(event.payload, hook.filter)) return;
      await this.#gate.run(hook.priority ?? 0, () => this.#deliver(unit, name, event, signal));
    };
    const options = { name, timeoutMs: TIMEOUT_MS, backoff: BACKOFF, maxAttempts: MAX_ATTEMPTS };
    await this.#parts.events.subscribeDurably(pattern, deliver, options);
  }

  async #deliver(unit: PluginUnit, name: string, event: Event, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const key = `${name} ${event.id}`;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    if (this.#attempts.size >= MAX_COUNTED) this.#attempts.clear();
    this.#attempts.set(key, attempt);
    const { correlationId } = event;
    await unit.deliver(event, attempt, { correlationId, caller: "events", signal });
    this.#attempts.delete(key);
  }
}

/** Stays the same over versions of the plugin, so that a hook keeps its place. */
const subscriberName = (pluginId: string, { event, filter = {} }: PluginHook): string => {
  const sorted = Object.entries(filter).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([event, sorted]);
  return `${PLUGIN_SOURCE}${pluginId}:${sha256Hex(text).slice(0, HASH_LENGTH)}`;
};

/** What a plugin says, and what is said of it, would go round in a circle. */
function isAbout({ source, type, payload }: Event, pluginId: string): boolean {
  if (source === `${PLUGIN_SOURCE}${pluginId}`) return true;
  return type.startsWith(OWN_EVENTS) && fits(payload, { pluginId });
}

function fits(payload: unknown, filter: PluginHook["filter"]): boolean {
  const wanted = Object.entries(filter ?? {});
  if (wanted.length === 0) return true;
  if (typeof payload !== "object" || payload === null) return false;
  const fields = new Map<string, unknown>(Object.entries(payload));
  return wanted.every(([field, value]) => fields.get(field) === value);
}
