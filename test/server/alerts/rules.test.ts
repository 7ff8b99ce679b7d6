import { describe, expect, test } from "bun:test";
import type { MetricCondition } from "../../../server/alerts/definitions/schemas.ts";
import { evaluate, newSeriesState, recentValuesFor } from "../../../server/alerts/rules/evaluate.ts";
import { EventWatch } from "../../../server/alerts/rules/event-watch.ts";
import { MetricWatch } from "../../../server/alerts/rules/metric-watch.ts";
import { RulePreview } from "../../../server/alerts/rules/preview.ts";
import { defineSeries } from "../../../server/metrics/series.ts";
import { say, until } from "../events/bus.ts";
import { CALLER, openAlertHouse } from "./alert-house.ts";

const series = { name: "x" };
/** The turns that values, ten seconds apart, bring. */
function turnsOf(condition: MetricCondition, values: readonly (number | undefined)[]): string[] {
  let state = newSeriesState(0);
  const recent = recentValuesFor(condition);
  return values.flatMap((value, index) => {
    const at = index * 10_000;
    const past = value === undefined ? undefined : recent?.observe(at, value);
    const verdict = evaluate(condition, state, { at, value, past });
    state = verdict.state;
    return verdict.turned ? [`${index} ${verdict.turned}`] : [];
  });
}

describe("conditions", () => {
  const above = {
    kind: "threshold",
    series,
    direction: "above",
    value: 90,
    clearValue: 80,
    forSeconds: 20,
  } as const;

  test("a threshold fires after its duration, and ends only beyond its clear value", () => {
    expect(turnsOf(above, [95, 95, 89, 95, 95, 95, 85, 85, 80, 95])).toEqual(["5 firing", "8 resolved"]);
  });

  test("below works the other way round; without a clear value the value itself ends it", () => {
    const below = { kind: "threshold", series, direction: "below", value: 5, forSeconds: 0 } as const;
    expect(turnsOf(below, [6, 4, 5])).toEqual(["1 firing", "2 resolved"]);
  });

  test("a series that is gone while it fires is over after five minutes", () => {
    const gone = Array.from({ length: 31 }, () => undefined);
    expect(turnsOf(above, [95, 95, 95, ...gone])).toEqual(["2 firing", "32 resolved"]);
  });

  test("absence fires when nothing came for long enough, and ends with the next value", () => {
    const absence = { kind: "absence", series, forSeconds: 30 } as const;
    expect(turnsOf(absence, [1, undefined, undefined, undefined, undefined, 1])).toEqual([
      "3 firing",
      "5 resolved",
    ]);
  });

  test("a rise within the window fires, the same rise over a longer time does not", () => {
    const rise = { kind: "rate", series, direction: "rise", change: 10, windowSeconds: 30 } as const;
    expect(turnsOf(rise, [0, 1, 2, 12, 12, 12, 12])).toEqual(["3 firing", "5 resolved"]);
    expect(turnsOf(rise, [0, 2, 4, 6, 8, 10, 12])).toEqual([]);
  });

  test("an anomaly is a value far from the median; earlier outliers do not hide it, calm noise is none", () => {
    const anomaly = { kind: "anomaly", series, sensitivity: 5, windowSeconds: 3_600, forSeconds: 0 } as const;
    const calm = Array.from({ length: 40 }, (_, index) => 50 + (index % 5));
    expect(turnsOf(anomaly, [...calm, 500, 51, 480, 52])).toEqual([
      ...["40 firing", "41 resolved", "42 firing", "43 resolved"],
    ]);
    expect(turnsOf(anomaly, calm)).toEqual([]);
  });

  test("a clock set back makes nothing fire for it", () => {
    let state = newSeriesState(1_000_000);
    for (const at of [1_000_000, 0, 10_000]) {
      const verdict = evaluate(above, state, { at, value: 95 });
      state = verdict.state;
      expect(verdict.turned).toBeUndefined();
    }
    // From then on its time counts as ever.
    expect(evaluate(above, state, { at: 20_000, value: 95 }).turned).toBe("firing");
  });

  test("a clock set back makes nothing absent for longer, nor for ever there", () => {
    const absence = { kind: "absence", series, forSeconds: 30 } as const;
    let state = evaluate(absence, newSeriesState(0), { at: 1_000_000, value: 1 }).state;
    const turns = [0, 20_000, 30_000].map((at) => {
      const verdict = evaluate(absence, state, { at, value: undefined });
      state = verdict.state;
      return verdict.turned;
    });
    expect(turns).toEqual([undefined, undefined, "firing"]);
  });

  test("a gap breaks what has held so far", () => {
    expect(turnsOf(above, [95, undefined, 95, 95, 95])).toEqual(["4 firing"]);
  });
});

describe("rules over samples", () => {
  const definition = defineSeries("disk_used_percent", { mount: "/" }, "percent", "Disk.");
  const sample = (at: number, value: number) => ({ at, measurements: [{ series: definition, value }] });
  const body = {
    ...{ name: "full", alertType: "full", severity: "HIGH" },
    condition: { kind: "threshold", series: { name: "disk_used_percent" }, direction: "above", value: 90 },
  };

  test("what turns is raised and resolved; what fires goes on over a restart; an edit begins anew", async () => {
    await using house = await openAlertHouse();
    for (const rule of house.definitions.list("rule"))
      await house.definitions.remove("rule", rule.id, CALLER);
    const { id } = await house.definitions.create("rule", body, CALLER);
    const watched = () =>
      new MetricWatch({
        ...house,
        samples: { subscribe: () => () => undefined },
        report: (thrown) => {
          throw thrown;
        },
      });
    const first = watched();
    await first.start();
    first.take(sample(1_000, 95));
    await first.settled();
    const [open] = (await house.alerts.list({ limit: 10 })).items;
    expect(open).toMatchObject({ type: "full", state: "firing", labels: { mount: "/" }, ruleId: id });
    expect(open?.message).toBe('full: disk_used_percent{mount="/"} is 95 % (above 90 %).');
    const second = watched();
    await second.start();
    second.take(sample(2_000, 96));
    await second.settled();
    second.take(sample(3_000, 50));
    await second.settled();
    expect((await house.alerts.list({ limit: 10 })).items).toMatchObject([
      { state: "resolved", occurrences: 1 },
    ]);
    second.take(sample(4_000, 95));
    await second.settled();
    await house.definitions.replace("rule", id, { ...body, severity: "LOW" }, CALLER);
    expect((await house.alerts.list({ limit: 10 }, { states: ["firing"] })).items).toEqual([]);
  });

  describe("more than a rule may look at", () => {
    const seriesOf = (index: number) => defineSeries("x_percent", { i: String(index) }, "percent", "X.");
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ series: seriesOf(from + index), value: 1 }));
    const anomaly = (name: string, isOn = true) => ({
      ...{ name, alertType: "x", severity: "LOW", enabled: isOn },
      condition: { kind: "anomaly", series: { name: "x_percent" } },
    });
    async function openWatch() {
      const house = await openAlertHouse();
      for (const { id } of house.definitions.list("rule")) await house.definitions.remove("rule", id, CALLER);
      const watch = new MetricWatch({
        ...house,
        samples: { subscribe: () => () => undefined },
        report: (thrown) => {
          throw thrown;
        },
      });
      return { house, watch, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
    }

    test("is left out and said on the rule; what is gone gives its place to another", async () => {
      await using opened = await openWatch();
      const { house, watch } = opened;
      const { id } = await house.definitions.create("rule", anomaly("a"), CALLER);
      await watch.follow();
      watch.take({ at: 0, measurements: many(0, 230) });
      await watch.settled();
      expect(watch.coverageOf(id)).toEqual({ followed: 200, leftOut: 30 });
      for (const at of [300_000, 301_000]) {
        watch.take({ at, measurements: many(100, 130) });
        await watch.settled();
      }
      expect(watch.coverageOf(id)).toEqual({ followed: 130, leftOut: 0 });
    });

    test("is shared evenly by all rules that look back", async () => {
      await using opened = await openWatch();
      const { house, watch } = opened;
      const rules: string[] = [];
      for (let index = 0; index < 80; index++) {
        rules.push((await house.definitions.create("rule", anomaly(`rule ${index}`), CALLER)).id);
      }
      await watch.follow();
      watch.take({ at: 0, measurements: many(0, 150) });
      await watch.settled();
      expect(new Set(rules.map((id) => JSON.stringify(watch.coverageOf(id))))).toEqual(
        new Set(['{"followed":100,"leftOut":50}']),
      );
    });

    test("takes its time: requests are answered in between, and of what comes meanwhile the latest is looked at", async () => {
      await using opened = await openWatch();
      const { house, watch } = opened;
      for (let index = 0; index < 60; index++) {
        await house.definitions.create("rule", anomaly(`rule ${index}`), CALLER);
      }
      await watch.follow();
      const rounds = () => watch.settled();
      let turns = 0;
      let isLooking = true;
      const count = () => {
        turns++;
        if (isLooking) setImmediate(count);
      };
      setImmediate(count);
      for (let at = 0; at < 3; at++) watch.take({ at, measurements: many(at === 2 ? 0 : 1_000, 150) });
      await rounds();
      isLooking = false;
      expect(turns).toBeGreaterThan(0);
      const [first] = house.definitions.list("rule");
      expect(watch.coverageOf(first?.id ?? "")).toEqual({ followed: 133, leftOut: 150 });
    });
  });

  test("a rule that was removed raises nothing that had turned before", async () => {
    await using house = await openAlertHouse();
    const { id } = await house.definitions.create("rule", body, CALLER);
    const { alerts } = house;
    let isDown = true;
    const raise: typeof alerts.raise = (...args) =>
      isDown ? Promise.reject(new Error("down")) : alerts.raise(...args);
    const resolveByFingerprint: typeof alerts.resolveByFingerprint = (...args) =>
      alerts.resolveByFingerprint(...args);
    const watch = new MetricWatch({
      ...house,
      samples: { subscribe: () => () => undefined },
      alerts: { raise, resolveByFingerprint },
      report: () => undefined,
    });
    await watch.start();
    watch.take(sample(1_000, 95));
    await watch.settled();
    await house.definitions.remove("rule", id, CALLER);
    await watch.follow();
    isDown = false;
    watch.take(sample(2_000, 95));
    await watch.settled();
    expect((await alerts.list({ limit: 5 })).items.filter(({ ruleId }) => ruleId === id)).toEqual([]);
  });

  test("a name that nobody had is absent until one has it", async () => {
    await using house = await openAlertHouse();
    const condition = { kind: "absence", series: { name: "disk_used_percent" }, forSeconds: 10 };
    await house.definitions.create("rule", { ...body, condition }, CALLER);
    const watch = new MetricWatch({
      ...house,
      samples: { subscribe: () => () => undefined },
      report: (thrown) => {
        throw thrown;
      },
    });
    await watch.start();
    for (const at of [0, 10_000]) {
      watch.take({ at, measurements: [] });
      await watch.settled();
    }
    const states = async () => (await house.alerts.list({ limit: 5 })).items.map(({ state }) => state);
    expect(await states()).toEqual(["firing"]);
    watch.take(sample(20_000, 1));
    await watch.settled();
    expect(await states()).toEqual(["resolved"]);
    watch.take(sample(40_000, 1));
    await watch.settled();
    expect(await states()).toEqual(["resolved"]);
  });

  test("a preview says how often a rule would have fired, and when", async () => {
    await using house = await openAlertHouse();
    const values = [50, 95, 95, 50, 95, 50, 95];
    const column = (of: (value: number, index: number) => number) => Float64Array.from(values, of);
    const same = column((value) => value);
    const rows = {
      times: column((_value, index) => index * 10_000),
      ...{ sum: same, min: same, max: same, count: column(() => 1) },
    };
    const times = { firstSeenAt: 0, lastSeenAt: 70_000 };
    const stored = { id: 1, definition, scale: 0, lastValue: 0, sealedSeq: 0, rolledUntil: 0, ...times };
    const preview = new RulePreview({
      events: house.events,
      samples: {
        listSeries: () => [stored],
        async *exportRows() {
          yield { series: stored, rows };
        },
      },
    });
    const rule = await house.definitions.create("rule", body, CALLER);
    const shown = await preview.run(rule, 0, 70_000);
    expect(shown).toMatchObject({ fired: 3, looked: 1, isCut: false });
    expect(shown.intervals.map(({ from, to }) => [from, to])).toEqual([
      ...[
        [10_000, 30_000],
        [40_000, 50_000],
      ],
      [60_000, null],
    ]);
  });
});

test("a rule over events raises for each value of its fields, and ends by the event that says so", async () => {
  await using house = await openAlertHouse();
  const condition = {
    ...{ kind: "event", pattern: "job_done", filter: { ok: false }, by: ["job"] },
    resolvedBy: { pattern: "job_done", filter: { ok: true } },
  };
  await house.definitions.create(
    "rule",
    { name: "job", alertType: "job", severity: "LOW", condition },
    CALLER,
  );
  await new EventWatch(house).follow();
  const open = async () => (await house.alerts.list({ limit: 10 }, { states: ["firing"] })).items;
  await say(house.events, "job_done", { job: "a", ok: false });
  await say(house.events, "job_done", { job: "b", ok: false });
  await say(house.events, "job_done", { job: "a", ok: true });
  let labels: unknown[] = [];
  await until(() => {
    open().then(
      (items) => {
        labels = items.map((one) => one.labels);
      },
      () => undefined,
    );
    return JSON.stringify(labels) === '[{"job":"b"}]';
  });
  expect((await open()).map(({ message }) => message)).toEqual(["job (b): job_done"]);
});

describe("what the rules over events hear", () => {
  const rule = (name: string, pattern: string, more: object = {}) => ({
    ...{ name, alertType: name, severity: "LOW", condition: { kind: "event", pattern } },
    ...more,
  });
  async function openWatched() {
    const house = await openAlertHouse();
    for (const { id } of house.definitions.list("rule")) await house.definitions.remove("rule", id, CALLER);
    const watch = new EventWatch(house);
    await watch.follow();
    house.definitions.onChange(() => watch.follow());
    return house;
  }
  type House = Awaited<ReturnType<typeof openWatched>>;
  const heard = ({ events }: House) => events.status().durable[0]?.pattern;

  test("is what those that are switched on name; nothing, and no subscriber, without one", async () => {
    await using house = await openWatched();
    const { definitions } = house;
    expect(heard(house)).toBeUndefined();
    const first = await definitions.create("rule", rule("a", "a.failed"), CALLER);
    expect(heard(house)).toBe("a.failed");
    await definitions.create("rule", rule("b", "b.*", { enabled: false }), CALLER);
    const resolvedBy = { pattern: "a.done" };
    const condition = { kind: "event", pattern: "a.failed", resolvedBy };
    await definitions.replace("rule", first.id, rule("a", "", { condition }), CALLER);
    expect(heard(house)).toBe("a.failed, a.done");
    await definitions.remove("rule", first.id, CALLER);
    expect(heard(house)).toBeUndefined();
  });

  test("may hold anything: what it tells alerts apart by becomes a text", async () => {
    await using house = await openWatched();
    const { definitions, events, alerts } = house;
    const condition = { kind: "event", pattern: "a.failed", by: ["what"] };
    await definitions.create("rule", rule("a", "", { condition }), CALLER);
    await say(events, "a.failed", { what: { toString: 1 } });
    await until(() => events.status().durable[0]?.lag === 0);
    const { items } = await alerts.list({ limit: 10 });
    expect(items.map(({ labels }) => labels)).toEqual([{ what: '{"toString":1}' }]);
  });

  test("goes on without a gap for a rule that stays while others come and go", async () => {
    await using house = await openWatched();
    const { definitions, events, alerts } = house;
    const count = async () =>
      (await alerts.list({ limit: 10 }, { states: ["firing"] })).items[0]?.occurrences;
    await definitions.create("rule", rule("stays", "a.failed"), CALLER);
    for (let turn = 0; turn < 5; turn++) {
      await say(events, "a.failed", null);
      const { id } = await definitions.create("rule", rule("goes", "b.failed"), CALLER);
      await say(events, "a.failed", null);
      await definitions.remove("rule", id, CALLER);
    }
    await until(() => events.status().durable[0]?.lag === 0);
    expect(await count()).toBe(10);
  });

  test("a rule has nothing to do with what happened while there was none", async () => {
    await using house = await openWatched();
    const { definitions, events, alerts } = house;
    const { id } = await definitions.create("rule", rule("a", "a.failed"), CALLER);
    expect(heard(house)).toBe("a.failed");
    await definitions.remove("rule", id, CALLER);
    expect(heard(house)).toBeUndefined();
    await say(events, "a.failed", null);
    await definitions.create("rule", rule("a", "a.*"), CALLER);
    expect(heard(house)).toBe("a.*");
    await say(events, "a.done", null);
    await until(() => events.status().durable[0]?.lag === 0);
    expect((await alerts.list({ limit: 10 })).items).toMatchObject([{ message: "a: a.done" }]);
  });
});
