import type { Configuration } from "../config/configuration.ts";
import { toAppError } from "../errors/app-error.ts";
import type { FailureReport } from "../errors/failure.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logs/logger.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { Collector, Measurement } from "./collect/collector.ts";
import { Collecting } from "./sampling/collecting.ts";
import { commonPeriodSeconds, crosses, multipleAt, untilNextMultiple } from "./sampling/period.ts";
import { StoredWindow } from "./sampling/stored-window.ts";
import { type PauseListener, type SampleWriter, Storing, type StoringStatus } from "./sampling/storing.ts";

const TIMER = "metrics.sample";
const SECOND_MS = 1_000;
/** How far from a multiple of the period a sampling may run before the timer is set anew. */
const MAX_OFFSET_MS = 50;

/** One sampling of everything. */
export interface Sample {
  /** Epoch milliseconds, a multiple of the sampling period. */
  readonly at: number;
  readonly measurements: readonly Measurement[];
}

/** Where live readers get samples from. */
export interface SampleSource {
  /** The latest sampling. */
  readonly last: Sample | undefined;
  /** Has samples taken at every multiple of `seconds` until the returned function is called. */
  demand(seconds: number): () => void;
  /** Calls `listener` at every sampling. Returns what ends it. */
  subscribe(listener: (sample: Sample) => void): () => void;
}

/** All collectors of the machine and their life cycle. */
export interface CollectorSet {
  readonly collectors: readonly Collector[];
  start(): void;
  close(): void;
}

interface SamplerParts {
  clock: Clock;
  timers: Timers;
  configuration: Configuration;
  log: Logger;
  machine: CollectorSet;
  store: SampleWriter;
  /** Hears of collectors that fail. */
  report?: FailureReport;
  /** Hears when samples are no longer stored, and when they are again. */
  pauses?: PauseListener;
}

/** How sampling fares. */
export interface SamplerStatus extends StoringStatus {
  /** The configured time between stored samples. */
  intervalSeconds: number;
  /** The time between samplings now: shorter while live readers want that. */
  samplingSeconds: number;
  seriesCount: number;
  lastSampleAt: number | null;
  lastSampleAgeMs: number | null;
  /** Collector → how often it failed since start. */
  collectorFailures: Readonly<Record<string, number>>;
}

/**
 * The one sampling that everybody shares: every collector once a period, the result to the live readers, and at the
 * configured interval to the store. Samples are stamped with multiples of their period, so that series can be joined.
 * Whatever fails (a collector, the store), the rest goes on.
 */
export class Sampler implements SampleSource {
  readonly #parts: SamplerParts;
  readonly #collecting: Collecting;
  readonly #storing: Storing;
  readonly #window = new StoredWindow();
  readonly #demands = new Map<number, number>();
  readonly #listeners = new Set<(sample: Sample) => void>();
  #last: Sample | undefined;
  #lastTakenMs: number | undefined;
  #storedSlotAt: number | undefined;
  #periodMs = 0;
  #unwatch: (() => void) | undefined;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
    this.#collecting = new Collecting(parts.machine.collectors, parts.log, parts.report);
    this.#storing = new Storing(parts);
  }

  get last(): Sample | undefined {
    return this.#last;
  }

  /** Has another collector asked from the next sampling on. */
  add(collector: Collector): void {
    this.#collecting.add(collector);
  }

  /** Begins: one sampling at once for the live readers (rates need a second one), then one every period. */
  start(): void {
    const { clock, configuration, machine } = this.#parts;
    machine.start();
    this.#unwatch = configuration.watch(
      (settings) => settings.metrics.intervalSeconds,
      () => this.#choosePeriod(),
    );
    const at = Math.floor(clock.now() / SECOND_MS) * SECOND_MS;
    this.#storedSlotAt = at;
    this.#publish({ at, measurements: this.#collecting.collect(at) });
    this.#choosePeriod();
  }

  /** Ends sampling and waits for the samples that are being stored. */
  async stop(): Promise<void> {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#parts.timers.cancel(TIMER);
    this.#periodMs = 0;
    this.#parts.machine.close();
    await this.#storing.settled();
  }

  demand(seconds: number): () => void {
    this.#demands.set(seconds, (this.#demands.get(seconds) ?? 0) + 1);
    this.#choosePeriod();
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#release(seconds);
    };
  }

  subscribe(listener: (sample: Sample) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): SamplerStatus {
    const nowMs = this.#parts.clock.monotonic();
    return {
      intervalSeconds: this.#storedSeconds,
      samplingSeconds: this.#periodMs / SECOND_MS,
      seriesCount: this.#last?.measurements.length ?? 0,
      lastSampleAt: this.#last?.at ?? null,
      lastSampleAgeMs: this.#lastTakenMs === undefined ? null : nowMs - this.#lastTakenMs,
      collectorFailures: this.#collecting.failures(),
      ...this.#storing.status(),
    };
  }

  get #storedSeconds(): number {
    return this.#parts.configuration.settings.metrics.intervalSeconds;
  }

  #release(seconds: number): void {
    const left = (this.#demands.get(seconds) ?? 1) - 1;
    if (left === 0) this.#demands.delete(seconds);
    else this.#demands.set(seconds, left);
    this.#choosePeriod();
  }

  #choosePeriod(): void {
    if (this.#unwatch === undefined) return;
    const periodMs = commonPeriodSeconds([this.#storedSeconds, ...this.#demands.keys()]) * SECOND_MS;
    if (periodMs === this.#periodMs) return;
    this.#periodMs = periodMs;
    this.#arm();
  }

  #arm(): void {
    const firstAfterMs = untilNextMultiple(this.#parts.clock.now(), this.#periodMs);
    this.#parts.timers.every(TIMER, this.#periodMs, () => this.#tick(), firstAfterMs);
  }

  #tick(): void {
    const now = this.#parts.clock.now();
    const at = multipleAt(now, this.#periodMs, MAX_OFFSET_MS);
    // The clock drifted against the timer or was set: back to the multiples.
    if (Math.abs(now - at) > MAX_OFFSET_MS) this.#arm();
    if (at === this.#last?.at) return;
    const sample = { at, measurements: this.#collecting.collect(at) };
    this.#window.add(sample.measurements);
    this.#publish(sample);
    this.#storeWhenDue(at);
  }

  #publish(sample: Sample): void {
    this.#last = sample;
    this.#lastTakenMs = this.#parts.clock.monotonic();
    for (const listener of [...this.#listeners]) {
      try {
        listener(sample);
      } catch (thrown) {
        this.#parts.log.error("A reader of live samples failed", { error: toAppError(thrown) });
      }
    }
  }

  /** Stores under the last multiple of the stored interval: the sampling's own time, unless the process was held up. */
  #storeWhenDue(at: number): void {
    const intervalMs = this.#storedSeconds * SECOND_MS;
    if (!crosses(this.#storedSlotAt, at, intervalMs)) return;
    const slotAt = Math.floor(at / intervalMs) * intervalMs;
    this.#storedSlotAt = slotAt;
    this.#storing.store({ at: slotAt, measurements: this.#window.take() });
  }
}
