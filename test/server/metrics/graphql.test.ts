import { describe, expect, test } from "bun:test";
import {
  createSourceEventStream,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import { newGraphBuilder } from "../../../server/http/graphql-types.ts";
import { metricGraph } from "../../../server/metrics/graphql.ts";
import type { Metrics } from "../../../server/metrics/service.ts";
import { OWNER } from "../../../server/security/principal.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { machineOf, NumberedCollector, serveMetrics } from "./serve-metrics.ts";

const START = Date.UTC(2030, 0, 1);
const KEYS = [0, 1, 2].map((n) => `test_value{n="${n}"}`);

/** Three series of which one has a gap, sampled every 5 s for a minute, and the graph over them. */
async function sampled() {
  const clock = new ManualClock(START);
  const collector = new NumberedCollector(3, (n, call) => {
    return n === 2 && call > 4 && call < 9 ? undefined : n * 10 + call / 4;
  });
  const server = await serveMetrics({ clock, machine: machineOf(collector) });
  await clock.advance(60_000);
  return { ...server, clock, schema: schemaOf(server.metrics) };
}

function schemaOf(metrics: Metrics): GraphQLSchema {
  const builder = newGraphBuilder();
  metricGraph(metrics)(builder);
  builder.mutationField("nothing", (t) => t.boolean({ access: "open", resolve: () => true }));
  return builder.toSchema();
}

const contextValue = { principal: OWNER, request: new Request("http://localhost/"), correlationId: "test" };

async function ask(schema: GraphQLSchema, query: string, variableValues = {}): Promise<ExecutionResult> {
  const document = parse(query);
  const errors = validate(schema, document);
  return errors.length > 0 ? { errors } : execute({ schema, document, variableValues, contextValue });
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("GraphQL and REST give equal answers", () => {
  test("of the present", async () => {
    await using it = await sampled();
    const rest = await (await it.get("/api/metrics")).json();
    const { data } = await ask(it.schema, "{ metrics { key name labels unit value at } }");
    const metrics = plain(data?.metrics) as { at: number }[];
    expect(metrics).toEqual(rest.items.map((item: object) => ({ ...item, at: rest.at })));
    expect(metrics).toHaveLength(3);
    const one = await ask(it.schema, `{ metrics(names: ["test_value"], search: "2") { key } }`);
    const same = await (await it.get("/api/metrics?series=test_value&search=2")).json();
    expect(plain(one.data?.metrics)).toEqual([{ key: same.items[0].key }]);
  });

  test("of history, gaps and all, as columns and as points", async () => {
    await using it = await sampled();
    const parameters = new URLSearchParams(KEYS.map((key) => ["series", key]));
    const rest = await (
      await it.get(`/api/v3/metrics/query?${parameters}&from=-1m&to=now&points=100`)
    ).json();
    const { data, errors } = await ask(
      it.schema,
      `query ($series: [String!]!) {
        metricSeries(series: $series, from: "-1m", to: "now", points: 100) {
          key name labels unit resolution stepMs t min max avg last points { t min max avg }
        }
      }`,
      { series: KEYS },
    );
    expect(errors).toBeUndefined();
    const series = plain(data?.metricSeries) as { points: unknown[]; t: number[]; avg: (number | null)[] }[];
    expect(series.map(({ points, ...columns }) => columns)).toEqual(rest.series);
    expect(rest.series[2].avg).toContain(null);
    for (const { points, t, avg } of series) {
      expect(points).toMatchObject(t.map((at, i) => ({ t: at, avg: avg[i] })));
    }
  });

  test("of times, whichever way they are written", async () => {
    await using it = await sampled();
    const query = (from: string) =>
      `{ metricSeries(series: ["${KEYS[0]?.replaceAll('"', '\\"')}"], from: ${from}) { t } }`;
    const answers = await Promise.all(
      [String(START + 30_000), `"${START + 30_000}"`, '"2030-01-01T00:00:30Z"', '"-30s"'].map((from) =>
        ask(it.schema, query(from)),
      ),
    );
    for (const { data } of answers) expect(plain(data)).toEqual(plain(answers[0]?.data));
    expect(plain(answers[0]?.data)).toMatchObject({ metricSeries: [{ t: { length: 7 } }] });
    const wrong = await ask(it.schema, query("true"));
    expect(wrong.errors?.[0]?.message).toContain("Moment");
  });

  test("of the list of series", async () => {
    await using it = await sampled();
    const rest = await (await it.get("/api/v3/metrics/series?limit=2&search=value")).json();
    const fields = "items { key name labels unit help kind firstSeenAt lastSeenAt } nextCursor";
    const { data } = await ask(it.schema, `{ series(limit: 2, search: "value") { ${fields} } }`);
    expect(plain(data?.series)).toEqual(rest);
    const next = await ask(
      it.schema,
      `query ($c: String) { series(cursor: $c) { items { key } nextCursor } }`,
      {
        c: rest.nextCursor,
      },
    );
    expect(plain(next.data?.series)).toEqual({ items: [{ key: KEYS[2] }], nextCursor: null });
  });

  test("of how sampling fares", async () => {
    await using it = await sampled();
    const rest = await (await it.get("/api/v3/metrics/status")).json();
    const { data } = await ask(it.schema, `{ metricsStatus { ${Object.keys(rest).join(" ")} } }`);
    expect(plain(data?.metricsStatus)).toEqual(rest);
    expect(rest).toMatchObject({
      seriesCount: 3,
      storedSeriesCount: 3,
      pausedReason: null,
      droppedSamplings: 0,
    });
  });

  test("of what is refused", async () => {
    await using it = await sampled();
    const rest = await (await it.get("/api/v3/metrics/query?series=test_value&points=501")).json();
    const { errors } = await ask(it.schema, `{ metricSeries(series: ["test_value"], points: 501) { key } }`);
    expect(errors?.[0]?.originalError).toMatchObject({ code: rest.code, message: rest.detail });
  });
});

describe("the subscription liveMetrics", () => {
  test("gives the present, then each interval, and lets the sampler rest when it ends", async () => {
    await using it = await sampled();
    const document = parse(`subscription { liveMetrics(intervalSeconds: 1, series: ["test_value"]) { at } }`);
    const stream = await createSourceEventStream({ schema: it.schema, document, contextValue });
    if (!(Symbol.asyncIterator in stream)) throw new Error("no stream");
    const events = stream[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ at: START + 60_000 });
    await it.clock.advance(1_000);
    expect((await events.next()).value).toMatchObject({ at: START + 61_000, items: { length: 3 } });
    expect(it.sampler.status().samplingSeconds).toBe(1);
    await events.return?.();
    expect(it.sampler.status().samplingSeconds).toBe(5);
  });

  test("refuses an interval out of range", async () => {
    await using it = await sampled();
    const document = parse("subscription { liveMetrics(intervalSeconds: 61) { at } }");
    const answer = await createSourceEventStream({ schema: it.schema, document, contextValue });
    expect(answer).toMatchObject({ errors: [{ originalError: { code: "validation_failed" } }] });
  });
});
