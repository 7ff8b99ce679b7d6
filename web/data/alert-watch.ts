import { Observable } from "../lib/observable.ts";
import { RETRY_MS } from "../lib/retry.ts";
import { byWeight } from "./alert-words.ts";
import type { Alerts } from "./alerts.ts";
import type { Alert } from "./alerts-types.ts";
import type { GraphFeed } from "./graph-feed.ts";
import { type ApiProblem, asProblem } from "./problem.ts";
import type { Session } from "./session.ts";

/** Open alerts that are kept; of more the worst. */
export const MAX_OPEN_KEPT = 1_000;
/** Changes that come together are taken together. */
const GATHER_MS = 100;
/** Whoever looks again because of changes asks the server: in a storm no more often than this. */
const QUIET_MS = 1_000;
const OPEN_STATES = ["firing", "acknowledged", "muted"] as const;

const FIELDS =
  "id type severity state message labels source ruleId occurrences raisedAt lastSeenAt stateChangedAt stateChangedBy mutedUntil";
const CHANGES = { query: `subscription { alertChanged { ${FIELDS} } }`, variables: {} };

/** What the subscription tells. */
export interface AlertChange {
  alertChanged: Alert;
}

interface WatchParts {
  alerts: Pick<Alerts, "listWorst">;
  session: Pick<Session, "can" | "state">;
  changes: Pick<GraphFeed<AlertChange>, "follow" | "stop">;
  after(delayMs: number, run: () => void): unknown;
}

/** The alerts that are not resolved, as they are raised and changed, for whoever may see them. */
export class AlertWatch {
  /** Undefined until they are known. */
  readonly open = new Observable<readonly Alert[] | undefined>(undefined);
  /** Why they are not known; the last known ones stay. */
  readonly problem = new Observable<ApiProblem | undefined>(undefined);
  /** Counts the changes that were told: who shows resolved ones, or one alert, looks again. */
  readonly changed = new Observable(0);
  /** There are more open ones than are kept. */
  isCut = false;
  readonly #parts: WatchParts;
  #isFollowing = false;
  #isGathering = false;
  #isQuiet = false;
  #isUntold = false;
  /** Counts the questions: an answer that comes after a newer question is dropped. */
  #turn = 0;
  #isAsking = false;
  #heard = new Map<string, Alert>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
    parts.session.state.subscribe(() => this.#settle());
  }

  /** Asks for all of them. Never throws: the outcome is kept. */
  async look(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#isAsking = true;
    try {
      const { items, isCut } = await this.#parts.alerts.listWorst({ states: OPEN_STATES }, MAX_OPEN_KEPT);
      if (turn !== this.#turn) return;
      this.#isAsking = false;
      this.isCut = isCut;
      this.problem.set(undefined);
      this.#take(items);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#isAsking = false;
      const problem = asProblem(error);
      this.problem.set(problem);
      if (problem.isUnanswered) this.#lookLater(turn);
    }
  }

  /** Asks again unless somebody else did, or nobody follows any more. */
  #lookLater(turn: number): void {
    this.#parts.after(RETRY_MS, () => {
      if (turn === this.#turn) void this.look();
    });
  }

  /** Takes in what a verb answered, without waiting for the subscription to tell it. */
  hear(alert: Alert): void {
    if (!this.#isFollowing) return;
    this.#heard.set(alert.id, alert);
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#parts.after(GATHER_MS, () => {
      this.#isGathering = false;
      if (this.open.value !== undefined) this.#take(this.open.value);
      this.#announce();
    });
  }

  /** Tells that something changed, at once or when the last time is long enough ago. */
  #announce(): void {
    this.#isUntold = this.#isQuiet;
    if (this.#isQuiet) return;
    this.#isQuiet = true;
    this.changed.set(this.changed.value + 1);
    this.#parts.after(QUIET_MS, () => {
      this.#isQuiet = false;
      if (this.#isUntold) this.#announce();
    });
  }

  #take(known: readonly Alert[]): void {
    const all = new Map(known.map((alert) => [alert.id, alert]));
    for (const [id, alert] of this.#heard) {
      const before = all.get(id);
      const isNewer =
        before === undefined || Date.parse(alert.stateChangedAt) >= Date.parse(before.stateChangedAt);
      if (!isNewer) continue;
      if (alert.state === "resolved") all.delete(id);
      else all.set(id, alert);
    }
    // What is heard while an answer is on its way is newer than the answer, or the same.
    if (!this.#isAsking) this.#heard = new Map();
    const isTooMuch = all.size > MAX_OPEN_KEPT;
    this.isCut ||= isTooMuch;
    this.open.set(isTooMuch ? [...all.values()].sort(byWeight).slice(0, MAX_OPEN_KEPT) : [...all.values()]);
  }

  #settle(): void {
    const canRead = this.#parts.session.can("alerts:read");
    if (canRead === this.#isFollowing) return;
    this.#isFollowing = canRead;
    if (canRead) {
      // Asked for with each connection made: what happened while there was none is in the answer.
      this.#parts.changes.follow(
        CHANGES,
        ({ alertChanged }) => this.hear(alertChanged),
        () => void this.look(),
      );
      void this.look();
      return;
    }
    this.#parts.changes.stop();
    this.#turn += 1;
    this.#isAsking = false;
    this.#heard = new Map();
    this.isCut = false;
    this.problem.set(undefined);
    this.open.set(undefined);
  }
}
