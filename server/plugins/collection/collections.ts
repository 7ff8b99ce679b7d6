import { toAppError } from "../../errors/app-error.ts";
import { withTimeLimit } from "../../errors/time-limit.ts";
import type { Clock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import type { Probe } from "../../lib/probe.ts";
import type { Sample } from "../../metrics/sampler.ts";
import type { Timers } from "../../scheduler/timers.ts";
import type { PluginMetrics } from "../broker/recorded-metrics.ts";
import type { PluginUnit } from "../supervision/unit.ts";
import { collectedMetrics } from "./collected.ts";

const SECOND_MS = 1_000;
const DEFAULT_TIMEOUT_MS = 30_000;
/** Beside the call itself: its turn, and the start of a process when there is none. */
const START_ALLOWANCE_MS = 60_000;
/** Monitors begin spread over so long, or over their interval when that is shorter. */
const FIRST_WITHIN_MS = 5_000;
/** A value is shown until so many collections in a row have brought no other. */
const KEPT_INTERVALS = 3;
const MIN_KEPT_MS = 30_000;
const CALLER = "schedule";
/** Series of other plugins are not the server's own values. */
const PLUGIN_SERIES = "plugin_";

/** What the last collection of a plugin came to. */
export interface CollectionOutcome {
  /** Epoch milliseconds: when it ended. */
  at: number;
  /** Values that it brought. */
  values: number;
  /** Why it brought none; undefined when it went well. */
  error: string | undefined;
}

interface CollectionsParts {
  clock: Clock;
  timers: Timers;
  probe: Probe;
  recorded: PluginMetrics;
  /** Seconds between two collections of what is in force, by its manifest and configuration; undefined: no monitor. */
  intervalOf: (unit: PluginUnit) => number | undefined;
  /** The server's latest sampling. */
  latest: () => Sample | undefined;
  /** Collecting has begun to fail, or goes well again. */
  turned: (unit: PluginUnit) => Promise<unknown>;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  random?: () => number;
}

/**
 * Asks monitors to collect, each at its own interval and one call at a time, and records what they bring. One that is
 * disabled, stopped, paused, quarantined, unhealthy or without code that may run is passed over; a process is started
 * for a collection as for any call.
 */
export class Collections {
  readonly #parts: CollectionsParts;
  /** Plugin → interval in force, and what ends it. */
  readonly #scheduled = new Map<string, { intervalMs: number; cancel: () => void }>();
  readonly #outcomes = new Map<string, CollectionOutcome>();

  constructor(parts: CollectionsParts) {
    this.#parts = parts;
  }

  /** What the last collection came to; undefined before the first. */
  lastOf(pluginId: string): CollectionOutcome | undefined {
    return this.#outcomes.get(pluginId);
  }

  /** Seconds between two collections; undefined when it is not collected. */
  intervalOf(pluginId: string): number | undefined {
    const scheduled = this.#scheduled.get(pluginId);
    return scheduled && scheduled.intervalMs / SECOND_MS;
  }

  /** Why the last collection failed; undefined when it went well. */
  complaintOf(pluginId: string): string | undefined {
    return this.#outcomes.get(pluginId)?.error;
  }

  /** Brings the schedule together with the unit: call it whenever it may have changed. */
  follow(unit: PluginUnit): void {
    const seconds = isCollectable(unit) ? this.#parts.intervalOf(unit) : undefined;
    const intervalMs = seconds === undefined ? undefined : seconds * SECOND_MS;
    if (this.#scheduled.get(unit.id)?.intervalMs === intervalMs) return;
    this.#end(unit.id);
    if (intervalMs === undefined) return;
    const { timers, random = Math.random } = this.#parts;
    const firstAfterMs = random() * Math.min(FIRST_WITHIN_MS, intervalMs);
    const collect = () => this.#collect(unit, intervalMs);
    const cancel = timers.every(`plugins.collect.${unit.id}`, intervalMs, collect, firstAfterMs);
    this.#scheduled.set(unit.id, { intervalMs, cancel });
  }

  /** The plugin is gone. */
  forget(pluginId: string): void {
    this.#end(pluginId);
    this.#outcomes.delete(pluginId);
  }

  #end(pluginId: string): void {
    this.#scheduled.get(pluginId)?.cancel();
    this.#scheduled.delete(pluginId);
  }

  async #collect(unit: PluginUnit, intervalMs: number): Promise<void> {
    if (!isCollectable(unit) || unit.isUnhealthy) return;
    const before = this.complaintOf(unit.id);
    const outcome = await this.#outcomeOf(unit, intervalMs);
    // One that was disabled or removed meanwhile has nothing to complain about.
    if (!isCollectable(unit) || !this.#scheduled.has(unit.id)) return;
    this.#outcomes.set(unit.id, outcome);
    if (before !== outcome.error) await this.#parts.turned(unit);
  }

  async #outcomeOf(unit: PluginUnit, intervalMs: number): Promise<CollectionOutcome> {
    const { clock, probe, recorded, scrub } = this.#parts;
    try {
      const answer = await probe.time("plugin", unit.id, () => this.#call(unit));
      const metrics = collectedMetrics(answer);
      recorded.record(unit.id, metrics, Math.max(KEPT_INTERVALS * intervalMs, MIN_KEPT_MS));
      return { at: clock.now(), values: metrics.length, error: undefined };
    } catch (thrown) {
      return { at: clock.now(), values: 0, error: scrub(toAppError(thrown).message) };
    }
  }

  async #call(unit: PluginUnit): Promise<unknown> {
    const timeoutMs = unit.inForce?.manifest.collect?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const input = { metrics: valuesOf(this.#parts.latest()) };
    return withTimeLimit(this.#parts.clock, timeoutMs + START_ALLOWANCE_MS, (signal) =>
      unit.call("collect", input, { caller: CALLER, correlationId: newId(), timeoutMs, signal }),
    );
  }
}

/** Whether a call would be let in, as far as wishes, quarantine and code go. */
const isCollectable = ({ inForce, isOpen, state }: PluginUnit): boolean =>
  inForce !== undefined && isOpen && state !== "unloaded";

/** Series by their keys, such as `disk_used_percent{mount="/"}`, with the newest value of each. */
function valuesOf(sample: Sample | undefined): Record<string, number> {
  const own = sample?.measurements.filter(({ series }) => !series.name.startsWith(PLUGIN_SERIES)) ?? [];
  return Object.fromEntries(own.map(({ series, value }) => [series.key, value]));
}
