import type { Event } from "../../events/event.ts";
import type { Events } from "../../events/events.ts";
import type { SampleStore } from "../../metrics/store.ts";
import { fingerprintOf } from "../alert.ts";
import type { Bodies, MetricCondition } from "../definitions/schemas.ts";
import { hasLabels } from "../notify/matching.ts";
import { evaluate, newSeriesState, recentValuesFor } from "./evaluate.ts";
import { alertOf, type EventRule, turnOf } from "./event-watch.ts";

interface PreviewParts {
  samples: Pick<SampleStore, "listSeries" | "exportRows">;
  events: Pick<Events, "list">;
}

/** One time a rule would have fired; epoch milliseconds, `to` absent while it would still fire. */
export interface Interval {
  /** Key of the series, or the labels of the event. */
  what: string;
  from: number;
  to: number | null;
}

/** What a rule would have done. */
export interface Preview {
  from: number;
  to: number;
  /** How often it would have fired, however many intervals are listed. */
  fired: number;
  intervals: Interval[];
  /** Series or events that were looked at. */
  looked: number;
  /** There was more than was looked at. */
  isCut: boolean;
}

const MAX_SERIES = 20;
const MAX_INTERVALS = 200;
const MAX_EVENTS = 5_000;
const EVENT_PAGE = 500;
const HOUR_MS = 3_600_000;
/** Up to this the samples themselves are looked at, beyond it their averages of a minute. */
const RAW_SPAN_MS = 6 * HOUR_MS;

/** Evaluates a rule on what has happened, by the code that evaluates it live. */
export class RulePreview {
  readonly #parts: PreviewParts;

  constructor(parts: PreviewParts) {
    this.#parts = parts;
  }

  /** @param from and `to` in epoch milliseconds. @throws AppError `validation_failed` for what is no pattern */
  async run(rule: Bodies["rule"], from: number, to: number): Promise<Preview> {
    const { condition } = rule;
    const found = new Intervals();
    const seen =
      condition.kind === "event"
        ? await this.#events({ ...rule, ...PREVIEWED, condition }, from, found)
        : await this.#series(condition, from, to, found);
    return { from, to, fired: found.fired, intervals: found.list(MAX_INTERVALS), ...seen };
  }

  async #series(condition: MetricCondition, from: number, to: number, found: Intervals) {
    const chosen = this.#parts.samples
      .listSeries()
      .filter(
        ({ definition: { name, labels } }) =>
          name === condition.series.name && hasLabels(labels, condition.series.labels),
      );
    const looked = chosen.slice(0, MAX_SERIES);
    for (const { id, definition } of looked) await this.#one(condition, id, definition.key, from, to, found);
    return { looked: looked.length, isCut: chosen.length > looked.length };
  }

  async #one(
    condition: MetricCondition,
    id: number,
    key: string,
    from: number,
    to: number,
    found: Intervals,
  ): Promise<void> {
    const resolution = to - from <= RAW_SPAN_MS ? "raw" : "1m";
    let state = newSeriesState(from);
    const recent = recentValuesFor(condition);
    const observe = (at: number, value: number | undefined): void => {
      const past = value === undefined ? undefined : recent?.observe(at, value);
      const verdict = evaluate(condition, state, { at, value, past });
      state = verdict.state;
      if (verdict.turned) found.turn(key, verdict.turned, at);
    };
    for await (const { rows } of this.#parts.samples.exportRows({ seriesIds: [id], from, to, resolution })) {
      for (const [index, at] of rows.times.entries()) {
        // An absence shows just before the value that ends it.
        if (condition.kind === "absence") observe(at - 1, undefined);
        observe(at, (rows.sum[index] ?? 0) / (rows.count[index] ?? 1));
      }
    }
    observe(to, undefined);
  }

  async #events(rule: EventRule, from: number, found: Intervals) {
    const { pattern, resolvedBy } = rule.condition;
    const types = resolvedBy ? [pattern, resolvedBy.pattern] : [pattern];
    const { items, isCut } = await this.#recent(types, from);
    for (const event of items.toReversed()) {
      const turned = turnOf(rule.condition, event);
      const alert = alertOf(rule, event);
      const what = Object.values(alert.labels ?? {}).join(", ") || event.type;
      if (turned) found.turn(fingerprintOf(alert), turned, event.time, what);
    }
    return { looked: items.length, isCut };
  }

  /** Newest first. */
  async #recent(types: readonly string[], from: number): Promise<{ items: Event[]; isCut: boolean }> {
    const items: Event[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#parts.events.list({ types, limit: EVENT_PAGE, cursor });
      items.push(...page.items.filter(({ time }) => time >= from));
      cursor = page.nextCursor ?? undefined;
      if (page.items.some(({ time }) => time < from)) return { items, isCut: false };
    } while (cursor !== undefined && items.length < MAX_EVENTS);
    return { items, isCut: cursor !== undefined };
  }
}

const PREVIEWED = { id: "preview", createdAt: 0, updatedAt: 0, updatedBy: "" } as const;

/** Gathers the times of firing. */
class Intervals {
  readonly #all: Interval[] = [];
  readonly #open = new Map<string, Interval>();

  get fired(): number {
    return this.#all.length;
  }

  turn(id: string, to: "firing" | "resolved", at: number, what = id): void {
    const open = this.#open.get(id);
    if (to === "resolved") {
      if (open) open.to = at;
      this.#open.delete(id);
    } else if (!open) {
      const interval = { what, from: at, to: null };
      this.#all.push(interval);
      this.#open.set(id, interval);
    }
  }

  /** The latest, oldest first. */
  list(most: number): Interval[] {
    return this.#all.toSorted((a, b) => a.from - b.from).slice(-most);
  }
}
