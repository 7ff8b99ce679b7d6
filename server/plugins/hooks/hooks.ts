import type { PluginHook } from "../../../schema/plugin/manifest.ts";
import { AppError } from "../../errors/app-error.ts";
import type { FailureReport } from "../../errors/failure.ts";
import type { DurableHandler, DurableOptions } from "../../events/durable.ts";
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
  /** Hears of subscribers that could not be added or ended. */
  report: FailureReport;
  /** Whether the plugin was granted events of this pattern. */
  isGranted(unit: PluginUnit, event: string): boolean;
}

/** The subscribers of one plugin: name → what ends its delivery under way. */
interface Listening {
  changing: Mutex;
  names: Map<string, AbortController>;
}

/**
 * Hands events to plugins at least once, over restarts: each hook is a durable subscriber of its own, so that one that
 * fails is retried, then put aside and reported, and holds up no other. While a plugin is paused, stopped or
 * disabled its place in the events stays; it goes on from there, as far back as events are kept.
 */
export class Hooks {
  readonly #parts: HooksParts;
  readonly #gate = new PriorityGate(MAX_DELIVERIES);
  /** Plugin → its subscribers; changes of one plugin's wait for no other's. */
  readonly #listening = new Map<string, Listening>();
  readonly #attempts = new Map<string, number>();

  constructor(parts: HooksParts) {
    this.#parts = parts;
  }

  /**
   * Brings subscribers together with what the unit may hear now: call it whenever that may have changed. Nobody waits
   * for it: a delivery under way is given up, which its plugin may take a moment to notice.
   */
  follow(unit: PluginUnit): void {
    const listening = this.#listening.get(unit.id) ?? { changing: new Mutex(), names: new Map() };
    this.#listening.set(unit.id, listening);
    listening.changing
      .run(() => this.#change(unit, listening.names))
      .catch((error: unknown) => this.#parts.report(error, { where: `hooks of plugin ${unit.id}` }));
  }

  /** The plugin is gone. */
  forget(pluginId: string): void {
    this.#listening.delete(pluginId);
  }

  /** Settles once everything that was followed is in force. */
  async settled(): Promise<void> {
    await Promise.all([...this.#listening.values()].map(({ changing }) => changing.run(() => undefined)));
  }

  async #change(unit: PluginUnit, names: Listening["names"]): Promise<void> {
    const wanted = this.#wanted(unit);
    for (const [name, leaving] of [...names]) {
      if (wanted.has(name)) continue;
      names.delete(name);
      leaving.abort(new AppError("cancelled", "The plugin hears no events now."));
      await this.#parts.events.unsubscribeDurably(name);
    }
    for (const [name, hook] of wanted) {
      if (names.has(name)) continue;
      const leaving = new AbortController();
      names.set(name, leaving);
      await this.#subscribe(unit, name, hook, leaving.signal);
    }
  }

  #wanted(unit: PluginUnit): Map<string, PluginHook> {
    const hooks = unit.isOpen ? (unit.inForce?.manifest.hooks ?? []) : [];
    const granted = hooks.filter(({ event }) => this.#parts.isGranted(unit, event));
    return new Map(granted.map((hook) => [subscriberName(unit.id, hook), hook]));
  }

  async #subscribe(
    unit: PluginUnit,
    name: string,
    { event: pattern, ...hook }: PluginHook,
    leaving: AbortSignal,
  ): Promise<void> {
    const deliver: DurableHandler = async (event, late) => {
      if (isAbout(event, unit.id) || !fits(event.payload, hook.filter)) return;
      const signal = AbortSignal.any([late, leaving]);
      await this.#gate.run(hook.priority ?? 0, () =>
        unlessAborted(signal, () => this.#deliver(unit, name, event, signal)),
      );
    };
    const options = { name, timeoutMs: TIMEOUT_MS, backoff: BACKOFF, maxAttempts: MAX_ATTEMPTS };
    await this.#parts.events.subscribeDurably(pattern, deliver, options);
  }

  async #deliver(unit: PluginUnit, name: string, event: Event, signal: AbortSignal): Promise<void> {
    const key = `${name} ${event.id}`;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    if (this.#attempts.size >= MAX_COUNTED) this.#attempts.clear();
    this.#attempts.set(key, attempt);
    const { correlationId } = event;
    await unit.deliver(event, attempt, { correlationId, caller: "events", signal });
    this.#attempts.delete(key);
  }
}

/** What `work` gives, or at once the reason of `signal`. */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
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
