import type { PermissionKind } from "../../../schema/rules/plugins.ts";
import { AppError } from "../../errors/app-error.ts";
import type { FailureReport } from "../../errors/failure.ts";
import type { NewEvent } from "../../events/event.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AuditEvent } from "../../security/audit.ts";

/** What is decided upon: the kinds of permission, and what every plugin may do within limits. */
export type DecisionKind = PermissionKind | "config" | "events" | "plugins";

/** How often a plugin was allowed and denied something. */
export interface DecisionCount {
  kind: DecisionKind;
  allowed: number;
  denied: number;
}

interface DecisionParts {
  audit: {
    recordRefusalOf(actor: string, event: AuditEvent): void;
    flush(): Promise<void>;
  };
  events: { publishLater(event: NewEvent<"plugin.permission_denied">): void };
  clock: Clock;
  report: FailureReport;
}

const MINUTE_MS = 60_000;
/** Kinds and targets told of one by one in a minute; the rest of that minute is counted together. */
const MAX_TOLD_A_MINUTE = 20;
const MAX_TARGET_LENGTH = 160;
const MANY = "many others";

interface Tally {
  counts: Map<DecisionKind, { allowed: number; denied: number }>;
  minute: number;
  told: Set<string>;
}

/**
 * What the broker decided, for all plugins. Each decision is counted. A denial is a line of the audit log: the first of
 * a plugin within a minute is written at once, further ones of the same kind and target are counted in one line a
 * minute. An event is published for each line, not for each denial: a flood of denials floods nothing.
 */
export class Decisions {
  readonly #parts: DecisionParts;
  readonly #tallies = new Map<string, Tally>();

  constructor(parts: DecisionParts) {
    this.#parts = parts;
  }

  allow(pluginId: string, kind: DecisionKind): void {
    this.#countOf(this.#tallyOf(pluginId), kind).allowed += 1;
  }

  /** Takes note of a denial; the error is the caller's to throw. */
  deny(pluginId: string, kind: DecisionKind, target: string, message: string): AppError {
    const tally = this.#tallyOf(pluginId);
    this.#countOf(tally, kind).denied += 1;
    this.#tell(pluginId, tally, kind, target.slice(0, MAX_TARGET_LENGTH));
    return new AppError("permission_denied", message);
  }

  /** Counts since the server's start, or since {@link forget}. */
  countsOf(pluginId: string): DecisionCount[] {
    const counts = this.#tallies.get(pluginId)?.counts ?? new Map();
    return [...counts].map(([kind, count]) => ({ kind, ...count }));
  }

  /** The plugin is gone, or begins anew. */
  forget(pluginId: string): void {
    this.#tallies.delete(pluginId);
  }

  #tell(pluginId: string, tally: Tally, kind: DecisionKind, asked: string): void {
    const { audit, events, clock, report } = this.#parts;
    const minute = Math.floor(clock.now() / MINUTE_MS);
    const isFirst = minute !== tally.minute;
    if (isFirst) tally.told = new Set();
    tally.minute = minute;
    const key = JSON.stringify([kind, asked]);
    const isTold = tally.told.has(key);
    const target = isTold || tally.told.size < MAX_TOLD_A_MINUTE ? asked : MANY;
    audit.recordRefusalOf(`plugin:${pluginId}`, {
      action: `plugin.use_${kind}`,
      target: `${pluginId} ${target}`,
    });
    if (!isTold && target !== MANY) {
      tally.told.add(key);
      events.publishLater({ type: "plugin.permission_denied", payload: { pluginId, kind, target } });
    }
    if (isFirst)
      audit.flush().catch((error: unknown) => report(error, { where: `denials of plugin ${pluginId}` }));
  }

  #tallyOf(pluginId: string): Tally {
    const known = this.#tallies.get(pluginId);
    if (known) return known;
    const tally: Tally = { counts: new Map(), minute: -1, told: new Set() };
    this.#tallies.set(pluginId, tally);
    return tally;
  }

  #countOf({ counts }: Tally, kind: DecisionKind): { allowed: number; denied: number } {
    const known = counts.get(kind);
    if (known) return known;
    const count = { allowed: 0, denied: 0 };
    counts.set(kind, count);
    return count;
  }
}

/** The decisions about one plugin. */
export class PluginDecisions {
  readonly #decisions: Decisions;
  readonly pluginId: string;

  constructor(decisions: Decisions, pluginId: string) {
    this.#decisions = decisions;
    this.pluginId = pluginId;
  }

  /** Counts, and audits when it is a denial. @throws AppError `permission_denied` unless `isAllowed` */
  require(isAllowed: boolean, kind: DecisionKind, target: string): void {
    if (!isAllowed) throw this.deny(kind, target);
    this.#decisions.allow(this.pluginId, kind);
  }

  deny(kind: DecisionKind, target: string, reason?: string): AppError {
    const shown = JSON.stringify(target.slice(0, MAX_TARGET_LENGTH));
    const message =
      reason ?? `The plugin was not granted ${kind} ${shown}; its manifest can ask for it under permissions.`;
    return this.#decisions.deny(this.pluginId, kind, target, message);
  }

  allow(kind: DecisionKind): void {
    this.#decisions.allow(this.pluginId, kind);
  }
}
