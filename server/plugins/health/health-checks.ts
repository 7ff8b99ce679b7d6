import type { HealthReport } from "../../../schema/plugin/rpc.ts";
import type { PluginHealth } from "../../../schema/rules/plugins.ts";
import type { Database } from "../../database/database.ts";
import { toAppError } from "../../errors/app-error.ts";
import { withTimeLimit } from "../../errors/time-limit.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Timers } from "../../scheduler/timers.ts";
import type { RunningPlugin } from "../process/plugin-process.ts";
import type { DependencyHealth, HealthRecord, HealthStore } from "../store/health-store.ts";
import type { PluginUnit } from "../supervision/unit.ts";

const DEFAULT_INTERVAL_SECONDS = 60;
const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 60_000;
const FIRST_AFTER_MS = 1_000;
/** While it is unhealthy, its calls are refused: a recovery is to be seen soon. */
const UNHEALTHY_INTERVAL_MS = 5_000;
/** A process that does not answer so often in a row is ended: that counts as a crash. */
const MAX_UNANSWERED = 3;
const MAX_RECORDS = 2_000;
const DAY_MS = 86_400_000;
const MAX_AGE_MS = 30 * DAY_MS;
const MAX_DEPENDENCIES = 50;
const MAX_TEXT_LENGTH = 1_000;
const SECOND_MS = 1_000;

/** A plugin's health went from one status to another. */
export interface HealthChange {
  from: PluginHealth;
  to: PluginHealth;
  message: string;
}

interface HealthCheckParts {
  clock: Clock;
  timers: Timers;
  database: Database;
  store: HealthStore;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  changed: (unit: PluginUnit, change: HealthChange) => void;
  /** What its work at an interval fails of: while there is something, it is at best degraded. */
  complaintOf?: (pluginId: string) => string | undefined;
}

interface Watched {
  process: RunningPlugin;
  cancel: () => void;
  unanswered: number;
}

/**
 * Asks running plugins how they are, each on its own schedule, and keeps what they say. A plugin without a process is
 * not asked: looking at it would start it.
 */
export class HealthChecks {
  readonly #parts: HealthCheckParts;
  readonly #watched = new Map<string, Watched>();
  readonly #last = new Map<string, HealthRecord>();

  constructor(parts: HealthCheckParts) {
    this.#parts = parts;
  }

  /** What the last check of the plugin found, also when its process has ended since. */
  lastOf(pluginId: string): HealthRecord | undefined {
    return this.#last.get(pluginId);
  }

  /** Brings the schedule together with the unit's process: call it whenever that may have changed. */
  follow(unit: PluginUnit): void {
    const known = this.#watched.get(unit.id);
    const { process } = unit;
    if (known?.process === process) return;
    known?.cancel();
    this.#watched.delete(unit.id);
    if (process) this.#schedule(unit, process, FIRST_AFTER_MS);
  }

  /** The plugin is gone. */
  forget(pluginId: string): void {
    this.#watched.get(pluginId)?.cancel();
    this.#watched.delete(pluginId);
    this.#last.delete(pluginId);
  }

  /** Checks now. Undefined when the plugin has no process. */
  async check(unit: PluginUnit): Promise<HealthRecord | undefined> {
    const watched = this.#watched.get(unit.id);
    if (!watched || unit.process !== watched.process) return undefined;
    const record = await this.#ask(unit, watched);
    // A process that was exchanged meanwhile speaks for nobody any more.
    if (unit.process !== watched.process) return record;
    this.#take(unit, watched, record);
    await this.#keep(unit.id, record);
    return record;
  }

  #schedule(unit: PluginUnit, process: RunningPlugin, firstAfterMs: number): void {
    const seconds = unit.inForce?.manifest.health?.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
    const isUnhealthy = this.#last.get(unit.id)?.status === "unhealthy" && unit.health === "unhealthy";
    const intervalMs = isUnhealthy
      ? Math.min(UNHEALTHY_INTERVAL_MS, seconds * SECOND_MS)
      : seconds * SECOND_MS;
    const cancel = this.#parts.timers.every(
      `plugins.health.${unit.id}`,
      intervalMs,
      async () => void (await this.check(unit)),
      firstAfterMs,
    );
    const known = this.#watched.get(unit.id);
    this.#watched.set(unit.id, {
      process,
      cancel,
      unanswered: known?.unanswered ?? 0,
    });
  }

  async #ask(unit: PluginUnit, watched: Watched): Promise<HealthRecord> {
    const { clock } = this.#parts;
    const timeoutMs = Math.min(
      unit.inForce?.manifest.health?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      MAX_TIMEOUT_MS,
    );
    const at = clock.now();
    const startedMs = clock.monotonic();
    try {
      const report = await withTimeLimit(clock, timeoutMs, () => watched.process.health(timeoutMs));
      watched.unanswered = 0;
      return {
        at,
        responseMs: clock.monotonic() - startedMs,
        ...this.#readable(this.#judged(unit.id, report)),
      };
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      const isLate = code === "timed_out" || code === "plugin_timeout";
      if (isLate) watched.unanswered++;
      const said = isLate ? `It did not answer within ${timeoutMs} ms.` : message;
      return {
        at,
        status: "unhealthy",
        responseMs: undefined,
        message: this.#text(said),
        dependencies: [],
      };
    }
  }

  /** What the plugin says of itself, and below it what the server has seen fail. */
  #judged(pluginId: string, report: HealthReport): HealthReport {
    const complaint = this.#parts.complaintOf?.(pluginId);
    if (complaint === undefined || report.status === "unhealthy") return report;
    return { ...report, status: "degraded", message: complaint };
  }

  /** A plugin's words are an attacker's: bounded, without secrets, statuses from the list. */
  #readable(report: HealthReport): Pick<HealthRecord, "status" | "message" | "dependencies"> {
    const dependencies = (report.dependencies ?? []).slice(0, MAX_DEPENDENCIES);
    return {
      status: report.status,
      message: this.#text(report.message ?? ""),
      dependencies: dependencies.map(
        ({ name, status, responseMs }): DependencyHealth => ({ name: this.#text(name), status, responseMs }),
      ),
    };
  }

  #take(unit: PluginUnit, watched: Watched, record: HealthRecord): void {
    const from = unit.health;
    this.#last.set(unit.id, record);
    unit.setHealth(record.status);
    if (from !== record.status) {
      this.#parts.changed(unit, { from, to: record.status, message: record.message });
      const isTurn = from === "unhealthy" || record.status === "unhealthy";
      if (isTurn && this.#watched.get(unit.id) === watched) {
        this.#schedule(unit, watched.process, UNHEALTHY_INTERVAL_MS);
      }
    }
    if (watched.unanswered >= MAX_UNANSWERED) {
      watched.process.kill(`it did not answer ${MAX_UNANSWERED} health checks in a row`);
    }
  }

  async #keep(pluginId: string, record: HealthRecord): Promise<void> {
    const { database, store, clock } = this.#parts;
    await database.write(async (tx) => {
      await store.insert(tx, pluginId, record);
      await store.trim(tx, pluginId, MAX_RECORDS, clock.now() - MAX_AGE_MS);
    });
  }

  #text(text: string): string {
    return this.#parts.scrub(text).slice(0, MAX_TEXT_LENGTH);
  }
}
