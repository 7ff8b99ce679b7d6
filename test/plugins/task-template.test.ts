import { expect, test } from "bun:test";
import fc from "fast-check";
import taskTemplate from "../../plugins/task-template/index.ts";
import { summarise } from "../../plugins/task-template/summary.ts";
import { contextFor } from "./plugin-context.ts";

test("summarises, remembers, records and warns", async () => {
  const ctx = contextFor<{ alarmChangePercent: number }>({ config: { alarmChangePercent: 50 } });
  await taskTemplate.initialize?.(ctx);
  expect(await taskTemplate.execute({ values: [1, 2, 3, 6] }, ctx)).toMatchObject({
    count: 4,
    mean: 3,
    median: 2.5,
    min: 1,
    max: 6,
    changePercent: null,
    runs: 1,
  });
  expect(await taskTemplate.execute({ values: [6] }, ctx)).toMatchObject({
    mean: 6,
    changePercent: 100,
    runs: 2,
  });
  expect(ctx.recorded.logged).toEqual(["info: ready", "warning: the mean has moved far"]);
  expect(ctx.recorded.metrics.map(({ name, value }) => [name, value])).toEqual([
    ["mean", 3],
    ["runs", 1],
    ["mean", 6],
    ["runs", 2],
  ]);
  expect(taskTemplate.execute({ values: [1, Number.NaN] }, ctx)).rejects.toThrow(
    '"values.1" is not a number.',
  );
  expect(taskTemplate.execute({} as never, ctx)).rejects.toThrow('"values" is a list');
});

test("figures are those of the definition", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 50 }),
      (values) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        const summary = summarise(values);
        expect(summary.mean).toBeCloseTo(mean, 8);
        expect(summary.standardDeviation).toBeCloseTo(Math.sqrt(variance), 8);
        expect([summary.min, summary.max]).toEqual([Math.min(...values), Math.max(...values)]);
      },
    ),
  );
});
