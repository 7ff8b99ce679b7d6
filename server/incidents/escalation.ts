/** When somebody is told. */
export interface EscalationRules {
  /** So many occurrences within {@link windowMs} are too many; 0: never for their number. */
  count: number;
  windowMs: number;
  /** A failure of Binnacle's own is told the first time it happens. */
  firstInternal: boolean;
  /** At least so long between two escalations of one incident. */
  pauseMs: number;
}

export type EscalationReason = "first" | "regression" | "rate" | "urgent";

/** What is known of an incident when a write is about to add to it. */
export interface EscalationFacts {
  id: string;
  isInternal: boolean;
  isNew: boolean;
  cameBack: boolean;
  isIgnored: boolean;
  escalatedAt: number | null;
  /** Occurrences since the last write. */
  added: number;
  /** Whoever reported it wants somebody to know. */
  isUrgent: boolean;
}

/** Incidents whose rate is followed; beyond it the one that was quiet for longest is forgotten. */
const MAX_FOLLOWED = 2_000;
/** Escalations of all incidents together within an hour: a server that fails everywhere need not say so for each. */
const MAX_AN_HOUR = 30;
const HOUR_MS = 3_600_000;

interface Burst {
  at: number;
  count: number;
}

/** Decides who is to be told of a failure, and keeps it from being told too often. */
export class Escalation {
  readonly #bursts = new Map<string, Burst[]>();
  #recent: number[] = [];

  /** Why an escalation is due now; undefined when none is. One that is due counts as made. */
  judge(facts: EscalationFacts, rules: EscalationRules, now: number): EscalationReason | undefined {
    const inWindow = this.#follow(facts, rules.windowMs, now);
    if (facts.isIgnored) return undefined;
    const reason = reasonOf(facts, rules, inWindow);
    if (!reason) return undefined;
    const isPausing = facts.escalatedAt !== null && now - facts.escalatedAt < rules.pauseMs;
    if (isPausing || !this.#hasRoom(now)) return undefined;
    this.#recent.push(now);
    return reason;
  }

  #follow({ id, added }: EscalationFacts, windowMs: number, now: number): number {
    const bursts = (this.#bursts.get(id) ?? []).filter(({ at }) => now - at < windowMs);
    bursts.push({ at: now, count: added });
    // Taken out and put in again: the map's order is that of the last occurrence.
    this.#bursts.delete(id);
    this.#bursts.set(id, bursts);
    const [oldest] = this.#bursts.keys();
    if (this.#bursts.size > MAX_FOLLOWED && oldest !== undefined) this.#bursts.delete(oldest);
    return bursts.reduce((sum, { count }) => sum + count, 0);
  }

  #hasRoom(now: number): boolean {
    this.#recent = this.#recent.filter((at) => now - at < HOUR_MS);
    return this.#recent.length < MAX_AN_HOUR;
  }
}

function reasonOf(
  { isInternal, isNew, cameBack, isUrgent }: EscalationFacts,
  { count, firstInternal }: EscalationRules,
  inWindow: number,
): EscalationReason | undefined {
  if (isInternal && firstInternal && isNew) return "first";
  if (isInternal && cameBack) return "regression";
  if (isUrgent) return "urgent";
  return count > 0 && inWindow >= count ? "rate" : undefined;
}
