import type { Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { ErrorCode } from "../errors/catalogue.ts";
import type { FailureReport } from "../errors/failure.ts";
import type { NewEvent } from "../events/event.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import type { Audit } from "../security/audit.ts";
import type { PluginLogs } from "./broker/log-lines.ts";
import type { HealthChange } from "./health/health-checks.ts";
import { plannedFields } from "./manifest/planned-fields.ts";
import type { PluginStore, StoredPlugin } from "./store/plugin-store.ts";
import type { CallFailure } from "./supervision/call-statistics.ts";
import type { Occurrence } from "./supervision/occurrence.ts";
import type { PluginUnit } from "./supervision/unit.ts";

interface ChronicleParts {
  database: Database;
  clock: Clock;
  events: Pick<Events, "publishLater" | "publishIn">;
  audit: Audit;
  store: PluginStore;
  logs: PluginLogs;
  report: FailureReport;
  /** Counts, for the error centre, what was tried against a crash. */
  countRecovery: (strategy: string, code: ErrorCode, hasSucceeded: boolean) => void;
  /** Version and commit of this build of the server: a quarantine is bound to it. */
  build: string;
  /** Something of the unit may look different. */
  changed: (unit: PluginUnit) => void;
}

const MINUTE_MS = 60_000;
const RESTART_STRATEGY = "restart";
/** Last words of a crashed process that go into its log. */
const MAX_STDERR_LINES = 20;

interface Failing {
  toldAtMs: number;
  failures: number;
}

/** Tells what happens to plugins: as events, in their log, in the error centre, and as a quarantine that is stored. */
export class Chronicle {
  readonly #parts: ChronicleParts;
  /** Plugin → what was told of it last. */
  readonly #told = new Map<string, string>();
  /** Plugin and code → failures since they were told of. */
  readonly #failing = new Map<string, Failing>();
  /** Quarantines that are being stored. */
  readonly #writing = new Set<Promise<void>>();

  constructor(parts: ChronicleParts) {
    this.#parts = parts;
  }

  /** Takes note; never throws. */
  hear(unit: PluginUnit, occurrence: Occurrence): void {
    const plugin = nameOf(unit);
    switch (occurrence.kind) {
      case "changed":
        this.#changed(unit);
        break;
      case "started":
        this.#log(unit, "info", `Started in ${occurrence.startedInMs} ms`);
        for (const planned of unit.inForce ? plannedFields(unit.inForce.manifest) : []) {
          this.#log(unit, "info", `In its manifest, ${planned}.`);
        }
        this.#publish({
          type: "plugin.started",
          payload: { ...plugin, startedInMs: occurrence.startedInMs },
        });
        break;
      case "stopped":
        this.#log(unit, "info", `Ended: ${occurrence.reason}`);
        this.#publish({ type: "plugin.stopped", payload: { ...plugin, reason: occurrence.reason } });
        break;
      case "reloaded":
        this.#publish({
          type: "plugin.reloaded",
          payload: { ...plugin, fromVersion: occurrence.fromVersion },
        });
        break;
      case "crashed":
        this.#crashed(unit, occurrence);
        break;
      case "restarted":
        this.#parts.countRecovery(RESTART_STRATEGY, "plugin_crashed", occurrence.hasSucceeded);
        break;
      case "failed":
        this.#log(unit, "error", occurrence.message);
        this.#publish({
          type: "plugin.failed",
          payload: { ...plugin, code: occurrence.code, message: occurrence.message },
        });
        break;
      case "quarantined":
        this.#quarantined(unit, occurrence);
        break;
      case "call_failed":
        this.#callFailed(unit, occurrence.failure);
        break;
    }
  }

  healthChanged(unit: PluginUnit, { from, to, message }: HealthChange): void {
    const level = to === "unhealthy" ? "error" : to === "degraded" ? "warning" : "info";
    this.#parts.logs.write(unit.id, {
      source: "server",
      level,
      message: `Health: ${from} → ${to}`,
      fields: message ? { message } : {},
    });
    const payload = { ...nameOf(unit), from, to, message };
    this.#parts.events.publishLater({ type: "plugin.health_changed", payload });
  }

  /** Ends a quarantine that something other than a person ended. */
  async release(stored: StoredPlugin, reason: string): Promise<void> {
    const { database, store, audit, events } = this.#parts;
    const { id: pluginId, version } = stored;
    await database.write(async (tx) => {
      await store.putQuarantine(tx, pluginId, undefined);
      await audit.appendOwn(tx, { action: "plugin.release", target: pluginId, detail: { reason } });
      await events.publishIn(tx, { type: "plugin.released", payload: { pluginId, version, reason } });
    });
  }

  /** Settles once every quarantine is stored: what is read afterwards knows of it. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  /** The plugin is gone. */
  forget(pluginId: string): void {
    this.#told.delete(pluginId);
    for (const key of this.#failing.keys()) if (key.startsWith(`${pluginId} `)) this.#failing.delete(key);
  }

  #log(unit: PluginUnit, level: "info" | "error", message: string): void {
    this.#parts.logs.write(unit.id, { source: "server", level, message });
  }

  #publish(event: NewEvent): void {
    this.#parts.events.publishLater(event);
  }

  #crashed(
    unit: PluginUnit,
    { reason, crashes, stderrTail }: Extract<Occurrence, { kind: "crashed" }>,
  ): void {
    const { logs, report } = this.#parts;
    this.#log(unit, "error", `Crashed. ${reason}`);
    for (const message of stderrTail.slice(-MAX_STDERR_LINES))
      logs.write(unit.id, { source: "stderr", level: "error", message });
    report(new AppError("plugin_crashed", reason), { where: `plugin ${unit.id}` });
    this.#publish({ type: "plugin.crashed", payload: { ...nameOf(unit), reason, crashes } });
  }

  #changed(unit: PluginUnit): void {
    const { state, status, health } = unit;
    this.#parts.changed(unit);
    const told = JSON.stringify([state, status, health, unit.inForce?.digest, unit.block]);
    if (this.#told.get(unit.id) === told) return;
    this.#told.set(unit.id, told);
    const payload = { ...nameOf(unit), state, status, health };
    this.#publish({ type: "plugin.changed", payload });
  }

  #quarantined(unit: PluginUnit, { reason, digest }: Extract<Occurrence, { kind: "quarantined" }>): void {
    const { database, store, audit, events, clock, build, report } = this.#parts;
    const plugin = nameOf(unit);
    this.#log(unit, "error", `Quarantined. ${reason}`);
    const quarantine = { reason, digest, build, at: clock.now() };
    const stored = database.write(async (tx) => {
      await store.putQuarantine(tx, unit.id, quarantine);
      const detail = { version: plugin.version, reason };
      await audit.appendOwn(tx, { action: "plugin.quarantine", target: unit.id, detail });
      await events.publishIn(tx, { type: "plugin.quarantined", payload: { ...plugin, reason } });
    });
    // In force it is already; what is lost when it cannot be written is that it lasts over a restart.
    const writing = stored
      .catch((error: unknown) => report(error, { where: `quarantine of plugin ${unit.id}`, isUrgent: true }))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** The first failure of a kind at once, further ones counted and told of once a minute. */
  #callFailed(unit: PluginUnit, { code, message, correlationId }: CallFailure): void {
    const nowMs = this.#parts.clock.monotonic();
    const key = `${unit.id} ${code}`;
    const known = this.#failing.get(key);
    const failures = (known?.failures ?? 0) + 1;
    if (known && nowMs - known.toldAtMs < MINUTE_MS) {
      known.failures = failures;
      return;
    }
    this.#failing.set(key, { toldAtMs: nowMs, failures: 0 });
    const payload = { ...nameOf(unit), code, message, failures };
    this.#parts.events.publishLater({ type: "plugin.call_failed", payload, correlationId });
  }
}

const nameOf = ({ id, inForce }: PluginUnit): { pluginId: string; version: string } => ({
  pluginId: id,
  version: inForce?.manifest.version ?? "",
});
