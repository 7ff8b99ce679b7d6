import type { AppError } from "../errors/app-error.ts";
import type { ErrorCode, ErrorKind } from "../errors/catalogue.ts";
import { causeText } from "./cause-text.ts";
import { codeFingerprint, fingerprintOf } from "./fingerprint.ts";
import { hourOf, type Occurrence, type RecoveryCount } from "./incident.ts";

/** Different failures between two writes; beyond it they are gathered by their code alone. */
export const MAX_GROUPS = 200;
/** Occurrences kept of each. */
export const MAX_OCCURRENCES = 20;
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_PLACE_LENGTH = 200;
const MAX_HOURS = 48;
const MAX_OUTCOMES = 500;
const MAX_RECOVERIES = 500;

/** What happened to one group since the last write. */
export interface PendingIncident {
  id: string;
  code: ErrorCode;
  kind: ErrorKind;
  count: number;
  firstSeenAt: number;
  lastSeenAt: number;
  message: string;
  place: string;
  frame: string;
  cause: string;
  /** Newest first. */
  occurrences: Occurrence[];
  /** Hour → how often in it. */
  hours: Map<number, number>;
  /** Somebody should know at once. */
  isUrgent: boolean;
}

/** Requests of an hour with one outcome. */
export interface OutcomeCount {
  hour: number;
  outcome: string;
  count: number;
}

/** What is not yet written. */
export interface Batch {
  incidents: PendingIncident[];
  outcomes: OutcomeCount[];
  recoveries: RecoveryCount[];
}

/** The outcome under which every request is counted. */
export const ANSWERED = "answered";

/** What happened since the last write, in bounded memory and without waiting for anything. */
export class Tally {
  readonly #scrub: (text: string) => string;
  #incidents = new Map<string, PendingIncident>();
  #outcomes = new Map<string, OutcomeCount>();
  #recoveries = new Map<string, RecoveryCount>();

  /** @param scrub takes secrets out of a text. */
  constructor(scrub: (text: string) => string) {
    this.#scrub = scrub;
  }

  get isEmpty(): boolean {
    return this.#incidents.size + this.#outcomes.size + this.#recoveries.size === 0;
  }

  /** Counts one occurrence; gives the id of its group. */
  add(error: AppError, occurrence: Occurrence, isUrgent = false): string {
    const bounded = this.#withoutSecrets(occurrence);
    const full = fingerprintOf(error);
    const isNew = !this.#incidents.has(full.id);
    const { id, frame } = isNew && this.#incidents.size >= MAX_GROUPS ? codeFingerprint(error.code) : full;
    const known = this.#incidents.get(id) ?? this.#begin(id, frame, error, bounded);
    known.count++;
    known.isUrgent ||= isUrgent;
    known.lastSeenAt = Math.max(known.lastSeenAt, bounded.at);
    known.place = bounded.place;
    known.message = this.#bounded(error.message, MAX_MESSAGE_LENGTH);
    known.occurrences.unshift(bounded);
    if (known.occurrences.length > MAX_OCCURRENCES) known.occurrences.length = MAX_OCCURRENCES;
    addHour(known.hours, hourOf(bounded.at), 1);
    return id;
  }

  /** Counts a request, and its refusal when it was refused. */
  countAnswer(at: number, refusal: string | undefined): void {
    this.#countOutcome({ hour: hourOf(at), outcome: ANSWERED, count: 1 });
    if (refusal !== undefined) this.#countOutcome({ hour: hourOf(at), outcome: refusal, count: 1 });
  }

  /** Counts what a strategy did. */
  countRecovery(count: RecoveryCount): void {
    const key = `${count.strategy} ${count.code}`;
    const known = this.#recoveries.get(key);
    if (!known) {
      if (this.#recoveries.size < MAX_RECOVERIES) this.#recoveries.set(key, { ...count });
      return;
    }
    known.attempts += count.attempts;
    known.successes += count.successes;
    known.lastAttemptAt = Math.max(known.lastAttemptAt, count.lastAttemptAt);
  }

  /** Hands over everything and begins anew. */
  take(): Batch {
    const batch = {
      incidents: [...this.#incidents.values()],
      outcomes: [...this.#outcomes.values()],
      recoveries: [...this.#recoveries.values()],
    };
    this.#incidents = new Map();
    this.#outcomes = new Map();
    this.#recoveries = new Map();
    return batch;
  }

  /** Takes back what could not be written; what happened meanwhile is newer. */
  putBack({ incidents, outcomes, recoveries }: Batch): void {
    for (const outcome of outcomes) this.#countOutcome(outcome);
    for (const recovery of recoveries) this.countRecovery(recovery);
    for (const earlier of incidents) {
      const later = this.#incidents.get(earlier.id);
      if (later) this.#incidents.set(earlier.id, joined(earlier, later));
      // At most as many again as a batch holds: the next ones are gathered by code.
      else if (this.#incidents.size < 2 * MAX_GROUPS) this.#incidents.set(earlier.id, earlier);
    }
  }

  #begin(id: string, frame: string, error: AppError, { at, place }: Occurrence): PendingIncident {
    const begun: PendingIncident = {
      id,
      code: error.code,
      kind: error.kind,
      count: 0,
      firstSeenAt: at,
      lastSeenAt: at,
      message: "",
      place,
      frame,
      cause: causeText(error, this.#scrub),
      occurrences: [],
      hours: new Map(),
      isUrgent: false,
    };
    this.#incidents.set(id, begun);
    return begun;
  }

  #countOutcome({ hour, outcome, count }: OutcomeCount): void {
    const key = `${hour} ${outcome}`;
    const known = this.#outcomes.get(key);
    if (known) known.count += count;
    else if (this.#outcomes.size < MAX_OUTCOMES) this.#outcomes.set(key, { hour, outcome, count });
  }

  #withoutSecrets({ correlationId, at, place, principal }: Occurrence): Occurrence {
    return {
      correlationId: this.#scrub(correlationId),
      at,
      place: this.#bounded(place, MAX_PLACE_LENGTH),
      ...(principal === undefined ? {} : { principal: this.#scrub(principal) }),
    };
  }

  /** Cut after the secrets are gone: half a secret would not be found. */
  #bounded(text: string, maxLength: number): string {
    return this.#scrub(text).slice(0, maxLength);
  }
}

function joined(earlier: PendingIncident, later: PendingIncident): PendingIncident {
  for (const [hour, count] of earlier.hours) addHour(later.hours, hour, count);
  return {
    ...later,
    count: earlier.count + later.count,
    firstSeenAt: earlier.firstSeenAt,
    isUrgent: earlier.isUrgent || later.isUrgent,
    occurrences: [...later.occurrences, ...earlier.occurrences].slice(0, MAX_OCCURRENCES),
  };
}

/** A clock that jumps about makes no endless list: the oldest hour goes. */
function addHour(hours: Map<number, number>, hour: number, count: number): void {
  hours.set(hour, (hours.get(hour) ?? 0) + count);
  if (hours.size > MAX_HOURS) hours.delete(Math.min(...hours.keys()));
}
