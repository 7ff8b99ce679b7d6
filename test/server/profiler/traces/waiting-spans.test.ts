import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { PROFILER_MIGRATIONS } from "../../../../schema/migrations/profiler/index.ts";
import { Database } from "../../../../server/database/database.ts";
import { AppError } from "../../../../server/errors/app-error.ts";
import { RequestTrace } from "../../../../server/lib/tracing.ts";
import { RequestTracer } from "../../../../server/profiler/traces/request-tracer.ts";
import { Traces } from "../../../../server/profiler/traces/service.ts";
import type { Trace } from "../../../../server/profiler/traces/span.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

const CALLER = { spanId: "00f067aa0ba902b7", isSampled: true };
const EVERYTHING = { limit: 50 };
const scrub = (text: string): string => text;

let folder: TempFolder;
let clock: ManualClock;
let database: Database;
let tracer: RequestTracer;
let traces: Traces;
let writes: number;

beforeEach(() => {
  folder = new TempFolder();
  clock = new ManualClock();
  database = Database.open({
    path: folder.file("profiler.db"),
    migrations: PROFILER_MIGRATIONS,
    synchronous: "NORMAL",
  });
  writes = 0;
  database.onWritten = () => void writes++;
  tracer = new RequestTracer({ clock, scrub, limits: () => ({ sampleEvery: 1, slowMs: 1_000 }) });
  const limits = () => ({ retentionMs: 86_400_000, maxSpans: 100_000 });
  const profiler = { report: () => undefined };
  traces = new Traces({ database, clock, scrub, profiler, limits, waiting: tracer.waiting });
});
afterEach(async () => {
  await database.close();
  folder[Symbol.dispose]();
});

/** A request that belongs to the trace of its caller, and ends now. */
function request(traceId: string, name: string, durationMs: number, hasFailed = false): void {
  const trace = new RequestTrace({ traceId, ...CALLER });
  tracer.end(trace, { name, durationMs, hasFailed, isKept: true, attributes: {} });
}
const idOf = (digit: string): string => digit.repeat(32);
const idsOf = (items: readonly Trace[]): string[] => items.map(({ id }) => id);

describe("requests whose spans are not written yet", () => {
  test("are found by every reader, and no reader makes the server write", async () => {
    request(idOf("a"), "GET /a", 20);
    request(idOf("a"), "GET /b", 30, true);
    for (let reader = 0; reader < 50; reader++) {
      const { items } = await traces.list(EVERYTHING, {});
      expect(items).toMatchObject([{ id: idOf("a"), spans: 2, errors: 1, durationUs: 30_000 }]);
      expect((await traces.get(idOf("a"))).spans).toHaveLength(2);
    }
    expect(writes).toBe(0);
    await traces.flush();
    expect(writes).toBe(1);
  });

  test("are shown as they will be once they are written", async () => {
    request(idOf("a"), "GET /stored", 20);
    await traces.flush();
    await clock.advance(5_000);
    request(idOf("a"), "GET /joins", 10, true);
    request(idOf("b"), "GET /b", 10);
    const before = await traces.list(EVERYTHING, {});
    const detail = await traces.get(idOf("a"));
    await traces.flush();
    expect(await traces.list(EVERYTHING, {})).toEqual(before);
    expect(await traces.get(idOf("a"))).toEqual(detail);
    expect(detail.spans.map(({ name }) => name)).toEqual(["GET /stored", "GET /joins"]);
  });

  test("are found at every moment of their writing, each once", async () => {
    request(idOf("a"), "GET /a", 20);
    const written = traces.flush();
    const found: Promise<{ spans: readonly unknown[] }>[] = [];
    for (let turn = 0; turn < 50; turn++) {
      found.push(traces.get(idOf("a")));
      await Promise.resolve();
    }
    await written;
    expect(tracer.waiting.list()).toEqual([]);
    for (const { spans } of await Promise.all(found)) expect(spans).toHaveLength(1);
  });

  test("pass the filters and stand in their places on pages", async () => {
    for (const [digit, durationMs] of [
      ["1", 10],
      ["2", 900],
      ["3", 20],
      ["4", 950],
      ["5", 30],
    ] as const) {
      await clock.advance(2_000);
      request(idOf(digit), `GET /${digit}`, durationMs, digit === "4");
      if (digit === "1" || digit === "3") await traces.flush();
    }
    const first = await traces.list({ limit: 2 }, {});
    const second = await traces.list({ limit: 2, cursor: first.nextCursor ?? "" }, {});
    const third = await traces.list({ limit: 2, cursor: second.nextCursor ?? "" }, {});
    expect([first, second, third].flatMap(({ items }) => idsOf(items))).toEqual(
      ["5", "4", "3", "2", "1"].map(idOf),
    );
    expect(third.nextCursor).toBeNull();
    const found = async (filter: object) => idsOf((await traces.list(EVERYTHING, filter)).items);
    expect(await found({ minimumUs: 500_000 })).toEqual([idOf("4"), idOf("2")]);
    expect(await found({ hasFailed: true })).toEqual([idOf("4")]);
    expect(await found({ name: "GET /5" })).toEqual([idOf("5")]);
    expect(await found({ service: "nobody" })).toEqual([]);
  });

  test("go on waiting when the disk refuses them, and are written once", async () => {
    request(idOf("a"), "GET /a", 20);
    const write = database.write.bind(database);
    database.write = () => Promise.reject(new AppError("storage_full"));
    await expect(traces.flush()).rejects.toThrow();
    database.write = write;
    expect((await traces.get(idOf("a"))).spans).toHaveLength(1);
    await Promise.all([traces.flush(), traces.flush()]);
    await traces.flush();
    expect((await traces.get(idOf("a"))).trace.spans).toBe(1);
    expect(tracer.waiting.list()).toEqual([]);
  });

  test("are bounded: what finds no room is not kept", () => {
    request(idOf("a"), "GET /a", 20);
    const spans = tracer.waiting.of(idOf("a"));
    for (let n = 0; n < 6_000; n++) tracer.waiting.add(idOf("b"), spans);
    expect(tracer.waiting.of(idOf("b"))).toHaveLength(4_999);
    tracer.waiting.forget(idOf("b"), 4_999);
    tracer.waiting.add(idOf("c"), spans);
    expect(tracer.waiting.list().map(([id]) => id)).toEqual([idOf("a"), idOf("c")]);
  });
});
