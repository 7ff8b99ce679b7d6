import type { Event } from "../../events/event.ts";
import type { Events } from "../../events/events.ts";
import { parsePattern } from "../../events/pattern.ts";
import { Mutex } from "../../lib/mutex.ts";
import { fingerprintOf, type NewAlert } from "../alert.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { EventCondition, Rule } from "../definitions/schemas.ts";
import type { Alerts } from "../service.ts";

interface EventWatchParts {
  alerts: Pick<Alerts, "raise" | "resolveByFingerprint">;
  definitions: Pick<Definitions, "list">;
  events: Pick<Events, "subscribeDurably" | "chooseDurably" | "forgetDurably">;
}

export type EventRule = Rule & { condition: EventCondition };

const SUBSCRIBER = "alert-rules";
const BY = "rule";
/** Of a payload's fields a message tells those that say what happened. */
const TELLING = ["message", "reason", "error"];

/**
 * Evaluates the rules over events, each event at least once, over restarts; handling one twice counts it twice at most.
 * It hears what the rules that are switched on name and nothing else; without such a rule there is no subscriber.
 */
export class EventWatch {
  readonly #parts: EventWatchParts;
  readonly #changing = new Mutex();
  #isSubscribed = false;

  constructor(parts: EventWatchParts) {
    this.#parts = parts;
  }

  /**
   * Takes the rules as they are now: before the bus starts, and after each change. A rule that stays misses nothing; one
   * that is new hears what comes.
   */
  async follow(): Promise<void> {
    await this.#changing.run(() => this.#follow());
  }

  async #follow(): Promise<void> {
    const { definitions, events } = this.#parts;
    const patterns = patternsOf(definitions.list("rule").filter(isEventRule));
    // The place is forgotten too: rules to come have nothing to do with what happened while there was none.
    if (patterns.length === 0) await events.forgetDurably(SUBSCRIBER);
    else if (this.#isSubscribed) events.chooseDurably(SUBSCRIBER, patterns);
    else await events.subscribeDurably(patterns, (event) => this.take(event), { name: SUBSCRIBER });
    this.#isSubscribed = patterns.length > 0;
  }

  /** One event. */
  async take(event: Event): Promise<void> {
    const { alerts, definitions } = this.#parts;
    for (const rule of definitions.list("rule").filter(isEventRule)) {
      const turned = turnOf(rule.condition, event);
      if (!turned) continue;
      const alert = alertOf(rule, event);
      if (turned === "firing") await alerts.raise(alert, BY);
      else await alerts.resolveByFingerprint(fingerprintOf(alert), BY);
    }
  }
}

const isEventRule = (rule: Rule): rule is EventRule => rule.enabled && rule.condition.kind === "event";

const patternsOf = (rules: readonly EventRule[]): string[] => [
  ...new Set(
    rules.flatMap(({ condition: { pattern, resolvedBy } }) =>
      resolvedBy ? [pattern, resolvedBy.pattern] : [pattern],
    ),
  ),
];

/** Whether an event begins what a rule speaks of, ends it, or neither. */
export function turnOf(
  { pattern, filter, resolvedBy }: EventCondition,
  event: Pick<Event, "type" | "payload">,
): "firing" | "resolved" | undefined {
  if (fits(event, pattern, filter)) return "firing";
  return resolvedBy && fits(event, resolvedBy.pattern, resolvedBy.filter) ? "resolved" : undefined;
}

/** What a rule raises for an event: told apart by the fields the rule names. */
export function alertOf(
  { id: ruleId, name, alertType: type, severity, condition: { by = [] } }: EventRule,
  { type: eventType, payload }: Pick<Event, "type" | "payload">,
): NewAlert {
  const fields = fieldsOf(payload);
  const labels = Object.fromEntries(
    by.flatMap((field) => (fields.has(field) ? [[field, labelOf(fields.get(field))]] : [])),
  );
  const telling = TELLING.map((field) => fields.get(field)).find((value) => typeof value === "string");
  const about = Object.values(labels).join(", ");
  const message = `${name}${about === "" ? "" : ` (${about})`}: ${telling ?? eventType}`;
  return { type, severity, message, labels, source: "rule", ruleId };
}

function fits(
  { type, payload }: Pick<Event, "type" | "payload">,
  pattern: string,
  filter: EventCondition["filter"] = {},
): boolean {
  if (!parsePattern(pattern).matches(type)) return false;
  const fields = fieldsOf(payload);
  return Object.entries(filter).every(([field, value]) => fields.get(field) === value);
}

/** An object may bring a `toString` of its own that is none. */
const labelOf = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

const fieldsOf = (payload: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof payload === "object" && payload !== null ? Object.entries(payload) : []);
