import type { EventName } from "../../schema/events/index.ts";
import { type AlertVerb, VERBS_OF_ALERT_STATE } from "../../schema/rules/alert-states.ts";
import { compareSeverities } from "../../schema/rules/severities.ts";
import type { Connection, Database } from "../database/database.ts";
import { GroupCommit } from "../database/group-commit.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import { principalName } from "../security/principal.ts";
import { type Alert, type AlertTransition, bounded, fingerprintOf, type NewAlert } from "./alert.ts";
import { transitionDelivery } from "./notify/transition-delivery.ts";
import { Repeats } from "./repeats.ts";
import type { AlertCounts, AlertFilter, AlertStore, RuleStanding } from "./store.ts";

interface AlertsParts {
  database: Database;
  clock: Clock;
  store: AlertStore;
  events: Pick<Events, "publishIn">;
  outbox: Pick<Outbox, "enqueue">;
  audit: Audit;
}

/** What became of a raise. */
export interface Raised {
  alert: Alert;
  /** False when the alert was there already. */
  isNew: boolean;
}

type Changes = Partial<Omit<Alert, "id" | "labels">>;
/** What is done in the same unit of work: the audit line of whoever asks. */
type Also = (tx: Connection, alert: Alert) => Promise<void>;
const nothing: Also = async () => undefined;

/** Alerts that are not resolved; beyond it a new one is refused, so that a broken caller fills no disk. */
const MAX_OPEN = 20_000;
/** How long what is resolved is kept. */
const KEPT_MS = 90 * 24 * 3_600_000;
const REMOVED_AT_ONCE = 500;
const UNMUTED_AT_ONCE = 100;
/** Whoever raises waits for the disk; so many raises of one moment wait for it together. */
const RAISING = { restFactor: 0, maxChanges: 100 };

/**
 * Alerts and their life: firing, acknowledged, muted, resolved. Of one fingerprint at most one is not resolved. Each
 * change of state or severity is one unit of work with its line in the timeline, its event and exactly one outbox entry,
 * by which whoever is to know comes to know.
 */
export class Alerts {
  /** Tells of alerts that are raised again, which is no change of state. */
  readonly repeats: Repeats;
  readonly #parts: AlertsParts;
  /** What is raised at the same moment is one unit of work: a storm waits for the disk a few times, not thousands. */
  readonly #raising: GroupCommit;
  /** New alerts that fit for certain, before open ones are counted again. */
  #room = 0;

  constructor(parts: AlertsParts) {
    this.#parts = parts;
    this.repeats = new Repeats(parts.clock);
    this.#raising = new GroupCommit(parts.database, parts.clock, RAISING);
  }

  /**
   * Raises an alert. When it is there already, it counts once more, takes the new message, and fires again when it
   * matters more than before.
   * @throws AppError `overloaded` when 20,000 alerts are open
   */
  async raise(alert: NewAlert, by: string, also: Also = nothing): Promise<Raised> {
    return this.#raising.write((tx) => this.raiseIn(tx, alert, by, also));
  }

  /** {@link raise} within the unit of work of what caused it. */
  async raiseIn(tx: Connection, input: NewAlert, by: string, also: Also = nothing): Promise<Raised> {
    const alert = bounded(input);
    const fingerprint = fingerprintOf(alert);
    const open = await this.#parts.store.findOpen(fingerprint, tx);
    const raised = open
      ? { alert: await this.#raiseAgain(tx, open, alert, by), isNew: false }
      : { alert: await this.#raiseNew(tx, fingerprint, alert, by), isNew: true };
    await also(tx, raised.alert);
    return raised;
  }

  /** The verb of people and programs: `triggerAlert(alertType, severity, message)`. @throws AppError `overloaded` */
  async trigger(alert: Omit<NewAlert, "source" | "ruleId">, caller: Caller): Promise<Raised> {
    const by = principalName(caller.principal);
    const raised = await this.raise({ ...alert, source: "caller" }, by);
    this.#parts.audit.recordUse(caller, { action: "alert.trigger", target: raised.alert.type });
    return raised;
  }

  /** Tells that somebody looks after it; nothing when somebody does. @throws AppError `alert_not_found`, `alert_state_conflict` */
  async acknowledge(id: string, caller: Caller, note = ""): Promise<Alert> {
    return this.#act(id, "acknowledge", caller, note, { state: "acknowledged", mutedUntil: null });
  }

  /** Tells nobody of it for `forMs`, whatever it does meanwhile. @throws AppError `alert_not_found`, `alert_state_conflict` */
  async mute(id: string, forMs: number, caller: Caller, note = ""): Promise<Alert> {
    const mutedUntil = this.#parts.clock.now() + forMs;
    return this.#act(id, "mute", caller, note, { state: "muted", mutedUntil });
  }

  /** Ends a mute before its time. @throws AppError `alert_not_found`, `alert_state_conflict` */
  async unmute(id: string, caller: Caller, note = ""): Promise<Alert> {
    return this.#act(id, "unmute", caller, note, { state: "firing", mutedUntil: null });
  }

  /** Ends it; nothing when it is resolved. @throws AppError `alert_not_found` */
  async resolve(id: string, caller: Caller, note = ""): Promise<Alert> {
    return this.#act(id, "resolve", caller, note, { state: "resolved", mutedUntil: null });
  }

  /**
   * Takes an acknowledgement or a resolution back: it fires again, and whoever was told that it is over is told so.
   * @throws AppError `alert_not_found`, `alert_state_conflict` also when it was raised anew meanwhile
   */
  async reopen(id: string, caller: Caller, note = ""): Promise<Alert> {
    return this.#act(id, "reopen", caller, note, { state: "firing", mutedUntil: null });
  }

  /** Ends the open alert of a fingerprint, for whatever raised it; undefined when there is none. */
  async resolveByFingerprint(fingerprint: string, by: string, note = ""): Promise<Alert | undefined> {
    return this.#parts.database.write(async (tx) => {
      const open = await this.#parts.store.findOpen(fingerprint, tx);
      return open && this.#change(tx, open, { state: "resolved", mutedUntil: null }, by, note);
    });
  }

  /** Ends whatever a rule raised, within the unit of work that changes or removes the rule. */
  async resolveAllOfRule(tx: Connection, ruleId: string, by: string, note: string): Promise<void> {
    for (const open of await this.#parts.store.listOpenOfRule(ruleId, tx)) {
      await this.#change(tx, open, { state: "resolved", mutedUntil: null }, by, note);
    }
  }

  /** Lets those fire again whose mute has ended. */
  async endMutes(): Promise<void> {
    const { store, clock, database } = this.#parts;
    const ended = await store.listUnmuted(clock.now(), UNMUTED_AT_ONCE);
    if (ended.length === 0) return;
    await database.write(async (tx) => {
      for (const { id } of ended) {
        const alert = await store.find(id, tx);
        const isOver = alert?.state === "muted" && (alert.mutedUntil ?? 0) <= clock.now();
        if (isOver) await this.#change(tx, alert, { state: "firing", mutedUntil: null }, "mute", "");
      }
    });
  }

  /** Forgets what was resolved long enough ago; some at a time. */
  async prune(): Promise<void> {
    const { database, store, clock } = this.#parts;
    const before = clock.now() - KEPT_MS;
    let removed = REMOVED_AT_ONCE;
    while (removed === REMOVED_AT_ONCE) {
      removed = await database.write((tx) => store.removeResolved(tx, before, REMOVED_AT_ONCE));
    }
  }

  /** The latest first. @throws AppError `invalid_cursor` */
  list(query: PageQuery, filter: AlertFilter = {}): Promise<Page<Alert>> {
    return this.#parts.store.list(query, filter);
  }

  find(id: string): Promise<Alert | undefined> {
    return this.#parts.store.find(id);
  }

  /** @throws AppError `alert_not_found` */
  async get(id: string): Promise<Alert> {
    const found = await this.#parts.store.find(id);
    if (!found) throw new AppError("alert_not_found");
    return found;
  }

  /** What became of one, oldest first. */
  timelineOf(id: string): Promise<AlertTransition[]> {
    return this.#parts.store.listTransitionsOf(id);
  }

  /** What became of all, the latest first. @throws AppError `invalid_cursor` */
  timeline(query: PageQuery, since?: number): Promise<Page<AlertTransition>> {
    return this.#parts.store.listTransitions(query, since);
  }

  summary(): Promise<AlertCounts> {
    return this.#parts.store.summarise();
  }

  /** How the rules stand that ever fired. */
  ruleStandings(): Promise<RuleStanding[]> {
    return this.#parts.store.listRuleStandings();
  }

  async #raiseNew(tx: Connection, fingerprint: string, raised: NewAlert, by: string): Promise<Alert> {
    const { store, clock } = this.#parts;
    if (this.#room <= 0) this.#room = MAX_OPEN - (await store.countOpen(tx));
    if (this.#room <= 0) {
      throw new AppError("overloaded", `${MAX_OPEN} alerts are open already; resolve some of them.`);
    }
    this.#room--;
    const { type, severity, message, labels = {}, source, ruleId = null } = raised;
    const now = clock.now();
    const alert: Alert = {
      ...{ id: newId(), fingerprint, type, severity, state: "firing", message, labels, source, ruleId },
      ...{ occurrences: 1, raisedAt: now, lastSeenAt: now },
      ...{ stateChangedAt: now, stateChangedBy: by, mutedUntil: null },
    };
    await store.insert(tx, alert);
    await this.#announce(tx, undefined, alert, "");
    return alert;
  }

  async #raiseAgain(tx: Connection, open: Alert, raised: NewAlert, by: string): Promise<Alert> {
    const isWorse = compareSeverities(raised.severity, open.severity) > 0;
    const seen: Changes = {
      message: raised.message,
      occurrences: open.occurrences + 1,
      lastSeenAt: this.#parts.clock.now(),
    };
    if (isWorse) {
      const state = open.state === "acknowledged" ? "firing" : open.state;
      const note = `${open.severity} to ${raised.severity}`;
      return this.#change(tx, open, { ...seen, severity: raised.severity, state }, by, note);
    }
    await this.#parts.store.update(tx, open.id, seen);
    this.#parts.database.afterCommit(() => this.repeats.note(open.id));
    return { ...open, ...seen };
  }

  async #act(id: string, verb: AlertVerb, caller: Caller, note: string, changes: Changes): Promise<Alert> {
    const { database, store, audit } = this.#parts;
    return database.write(async (tx) => {
      const alert = await store.find(id, tx);
      if (!alert) throw new AppError("alert_not_found");
      if (alert.state === changes.state && verb !== "mute") return alert;
      const possible: readonly AlertVerb[] = VERBS_OF_ALERT_STATE[alert.state];
      if (!possible.includes(verb)) {
        throw new AppError(
          "alert_state_conflict",
          `The alert is ${alert.state}: ${verb} is not possible now, but ${possible.join(", ") || "nothing"}.`,
        );
      }
      if (alert.state === "resolved" && (await store.findOpen(alert.fingerprint, tx))) {
        throw new AppError("alert_state_conflict", "It was raised anew meanwhile: look after that alert.");
      }
      await audit.append(tx, caller, {
        action: `alert.${verb}`,
        target: id,
        detail: { type: alert.type, from: alert.state, note },
      });
      return this.#change(tx, alert, changes, principalName(caller.principal), note);
    });
  }

  async #change(tx: Connection, before: Alert, changes: Changes, by: string, note: string): Promise<Alert> {
    const changed = { ...changes, stateChangedAt: this.#parts.clock.now(), stateChangedBy: by };
    await this.#parts.store.update(tx, before.id, changed);
    const after = { ...before, ...changed };
    if (before.state === "resolved") this.#room--;
    await this.#announce(tx, before, after, note);
    return after;
  }

  /** The line of the timeline, the event and the one outbox entry of a transition. */
  async #announce(tx: Connection, before: Alert | undefined, after: Alert, note: string): Promise<void> {
    const { store, events, outbox } = this.#parts;
    const { id, fingerprint, type, severity, state, message, stateChangedBy: by, stateChangedAt: at } = after;
    const seq = await store.addTransition(tx, {
      ...{ alertId: id, fingerprint, from: before?.state ?? null, to: state, severity, at, by },
      note,
    });
    await events.publishIn(tx, {
      type: before ? EVENT_OF_STATE[state] : "alert.raised",
      payload: { alertId: id, alertType: type, severity, state, message, by },
    });
    await outbox.enqueue(tx, transitionDelivery(id, seq));
  }
}

const EVENT_OF_STATE = {
  firing: "alert.changed",
  acknowledged: "alert.acknowledged",
  muted: "alert.muted",
  resolved: "alert.resolved",
} as const satisfies Record<Alert["state"], EventName>;
