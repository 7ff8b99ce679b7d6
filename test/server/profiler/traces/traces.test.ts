import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import protobuf from "protobufjs/minimal.js";
import type { TraceDetail, TraceView } from "../../../../server/profiler/traces/model.ts";
import { type RunningApp, startApp, type TestClient } from "../../../support/start-app.ts";

let app: RunningApp;
let reader: TestClient;
let writer: TestClient;
beforeAll(async () => {
  app = await startApp();
  reader = await app.token(["profiler:read"]);
  writer = await app.token(["profiler:write"]);
});
afterAll(() => app[Symbol.asyncDispose]());

const NS_PER_MS = 1_000_000n;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = (n: number): string => n.toString(16).padStart(16, "0");
const startedAtMs = Date.now() - 60_000;
const nano = (offsetMs: number): string => (BigInt(startedAtMs + offsetMs) * NS_PER_MS).toString();

interface SpanSketch {
  id?: number;
  parent?: number;
  trace?: string;
  name?: string;
  fromMs?: number;
  toMs?: number;
  more?: object;
}
const span = ({
  id = 1,
  parent,
  trace = TRACE,
  name = "work",
  fromMs = 0,
  toMs = 100,
  more,
}: SpanSketch) => ({
  traceId: trace,
  spanId: spanId(id),
  ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
  name,
  kind: 2,
  startTimeUnixNano: nano(fromMs),
  endTimeUnixNano: nano(toMs),
  ...more,
});
const request = (spans: unknown, service = "shop") => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
      scopeSpans: [{ scope: { name: "test" }, spans }],
    },
  ],
});
const send = (body: unknown) => writer.send("POST", "/v1/traces", body);
const sendBytes = (bytes: Uint8Array, headers: Record<string, string>) =>
  writer.fetch("/v1/traces", { method: "POST", headers, body: Buffer.from(bytes) });
const detail = async (id: string): Promise<TraceDetail> =>
  (await (await reader.get(`/api/v3/traces/${id}`)).json()) as TraceDetail;
const list = async (query = ""): Promise<TraceView[]> =>
  ((await (await reader.get(`/api/v3/traces?${query}`)).json()) as { items: TraceView[] }).items;

describe("spans sent as JSON", () => {
  test("become a trace in the order of a waterfall, and operations of their service", async () => {
    const failed = { status: { code: 2, message: "no such table" } };
    const attributes = [{ key: "db.rows", value: { intValue: "7" } }];
    const answer = await send(
      request([
        span({ id: 3, parent: 2, name: "query", fromMs: 30, toMs: 60, more: { ...failed, attributes } }),
        span({ id: 2, parent: 1, name: "load", fromMs: 20, toMs: 80 }),
        span({ id: 4, parent: 1, name: "render", fromMs: 80, toMs: 95 }),
        span({ id: 1, name: "GET /cart" }),
      ]),
    );
    expect([answer.status, await answer.json()]).toEqual([200, {}]);
    const trace = await detail(TRACE);
    expect(trace).toMatchObject({
      name: "GET /cart",
      service: "shop",
      duration: 0.1,
      spanCount: 4,
      errorCount: 1,
    });
    expect(trace.spans.map(({ name, depth, offset }) => [name, depth, offset])).toEqual([
      ["GET /cart", 0, 0],
      ["load", 1, 0.02],
      ["query", 2, 0.03],
      ["render", 1, 0.08],
    ]);
    expect(trace.spans[2]).toMatchObject({
      failed: true,
      message: "no such table",
      attributes: { "db.rows": 7 },
    });
    const stats = await reader.get("/api/v3/profiler/stats?kind=app&operation=query");
    expect(await stats.json()).toMatchObject({
      items: [{ service: "shop", callCount: 1, errorCount: 1, maxDuration: 0.03 }],
    });
  });

  test("keep what happened within them, without what is no event", async () => {
    const trace = "9".repeat(32);
    const retry = {
      timeUnixNano: nano(40),
      name: "retry",
      attributes: [{ key: "attempt", value: { intValue: "2" } }],
    };
    const events = [retry, { name: "without a time" }, "nonsense"];
    await send(request([span({ trace, more: { events } })]));
    const { spans } = await detail(trace);
    expect(spans[0]?.events).toEqual([{ name: "retry", offset: 0.04, attributes: { attempt: 2 } }]);
  });

  test("sent twice are kept and counted once", async () => {
    const twice = request([span({ trace: "a".repeat(32), name: "once" })]);
    await send(twice);
    await send(twice);
    expect(await detail("a".repeat(32))).toMatchObject({ spanCount: 1 });
    const stats = await reader.get("/api/v3/profiler/stats?operation=once");
    expect(await stats.json()).toMatchObject({ items: [{ callCount: 1 }] });
  });

  test("that come in parts are one trace, which its root names", async () => {
    const trace = "b".repeat(32);
    await send(request([span({ trace, id: 2, parent: 1, name: "child", fromMs: 10, toMs: 200 })], "worker"));
    expect(await detail(trace)).toMatchObject({ name: "child", service: "worker" });
    await send(request([span({ trace, id: 1, name: "parent" })], "front"));
    expect(await detail(trace)).toMatchObject({
      name: "parent",
      service: "front",
      duration: 0.2,
      spanCount: 2,
    });
  });
});

test("protobuf says what JSON says, packed as gzip", async () => {
  const trace = "c".repeat(32);
  const message = (write: (writer: protobuf.Writer) => void): Uint8Array => {
    const writer = protobuf.Writer.create();
    write(writer);
    return writer.finish();
  };
  const field = (number: number) => (number << 3) | 2;
  const one = message((w) => {
    w.uint32(field(1)).bytes(Buffer.from(trace, "hex"));
    w.uint32(field(2)).bytes(Buffer.from(spanId(1), "hex"));
    w.uint32(field(5)).string("from protobuf");
    w.uint32((6 << 3) | 0).uint32(3);
  });
  const withTimes = Buffer.concat([one, fixed64(7, nano(0)), fixed64(8, nano(250))]);
  const scopeSpans = message((w) => void w.uint32(field(2)).bytes(withTimes));
  const resourceSpans = message((w) => void w.uint32(field(2)).bytes(scopeSpans));
  const body = message((w) => void w.uint32(field(1)).bytes(resourceSpans));
  const type = { "content-type": "application/x-protobuf" };
  const answer = await sendBytes(gzipSync(body), { ...type, "content-encoding": "gzip" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/x-protobuf");
  expect(await detail(trace)).toMatchObject({
    name: "from protobuf",
    service: "unknown_service",
    duration: 0.25,
    spans: [{ kind: "client" }],
  });
  const half = await sendBytes(body.subarray(0, body.length - 5), type);
  expect(half.status).toBe(400);
});

function fixed64(number: number, value: string): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (number << 3) | 1;
  bytes.writeBigUInt64LE(BigInt(value), 1);
  return bytes;
}

describe("what is wrong", () => {
  test.each([
    ["a trace id that is too short", { traceId: "abc" }],
    ["a trace id of zeros", { traceId: "0".repeat(32) }],
    ["no span id", { spanId: undefined }],
    ["no end", { endTimeUnixNano: "0" }],
    ["an end before the start", { endTimeUnixNano: nano(-5) }],
    ["a time that is no number", { startTimeUnixNano: "soon" }],
    ["a start long ago", { startTimeUnixNano: "1000000000" }],
    ["a start in the far future", { startTimeUnixNano: nano(1e11), endTimeUnixNano: nano(1e11) }],
  ])("a span with %s is rejected alone, and the answer says so", async (_what, wrong) => {
    const good = span({ trace: "d".repeat(32), name: "good" });
    const answer = await send(request([good, { ...span({ trace: "e".repeat(32) }), ...wrong }]));
    const { partialSuccess } = (await answer.json()) as {
      partialSuccess: { rejectedSpans: string; errorMessage: string };
    };
    expect(partialSuccess.rejectedSpans).toBe("1");
    expect(partialSuccess.errorMessage).not.toBe("");
    expect((await detail("d".repeat(32))).spanCount).toBe(1);
    expect((await reader.get(`/api/v3/traces/${"e".repeat(32)}`)).status).toBe(404);
  });

  test.each([
    ["a list", []],
    ["spans that are no list", request("many")],
    ["resources that are no list", { resourceSpans: {} }],
    ["null within", { resourceSpans: [null] }],
  ])("a request that is %s is refused whole", async (_what, body) => {
    expect((await send(body)).status).toBe(400);
  });

  test("another type or packing is refused; reading and writing need their scopes", async () => {
    expect((await sendBytes(new Uint8Array(3), { "content-type": "text/plain" })).status).toBe(415);
    const json = { "content-type": "application/json" };
    expect((await sendBytes(new Uint8Array(3), { ...json, "content-encoding": "br" })).status).toBe(415);
    expect((await sendBytes(new Uint8Array(3), { ...json, "content-encoding": "gzip" })).status).toBe(400);
    expect((await reader.send("POST", "/v1/traces", request([]))).status).toBe(403);
    expect((await app.guest().get("/api/v3/traces")).status).toBe(401);
    expect((await reader.get("/api/v3/traces/xyz")).status).toBe(422);
  });
});

test("a list is filtered and paged; GraphQL says the same", async () => {
  for (let n = 1; n <= 5; n++) {
    const trace = `f${n}`.padEnd(32, "0");
    await send(request([span({ trace, name: "paged", fromMs: n, toMs: n + n * 1_000 })], "pages"));
  }
  const all = await list("service=pages");
  expect(all.map(({ duration }) => duration)).toEqual([5, 4, 3, 2, 1]);
  expect(await list("service=pages&minDuration=4")).toHaveLength(2);
  expect(await list("service=pages&failed=true")).toEqual([]);
  const first = await (await reader.get("/api/v3/traces?service=pages&limit=3")).json();
  const { nextCursor } = first as { nextCursor: string };
  expect(await list(`service=pages&limit=3&cursor=${nextCursor}`)).toEqual(all.slice(3));
  const { result } = await reader.graphql(
    '{ traces(service: "pages", limit: 2) { items { traceId duration } } trace(traceId: "' +
      `${TRACE}") { spans { name depth } } }`,
  );
  expect(result.data).toMatchObject({
    traces: { items: all.slice(0, 2).map(({ traceId, duration }) => ({ traceId, duration })) },
    trace: { spans: [{ name: "GET /cart", depth: 0 }, {}, {}, {}] },
  });
});

test("a service whose clock is hours behind does not stretch the trace: its spans stand within their caller", async () => {
  const trace = "5".repeat(32);
  const hourMs = 3_600_000;
  await send(request([span({ trace, name: "call", fromMs: 0, toMs: 400, more: { kind: 3 } })], "front"));
  await send(
    request([span({ trace, id: 2, parent: 1, name: "serve", fromMs: -hourMs, toMs: 200 - hourMs })], "back"),
  );
  const detail = (await (await reader.get(`/api/v3/traces/${trace}`)).json()) as TraceDetail;
  expect(detail).toMatchObject({ name: "call", duration: 0.4, spanCount: 2 });
  expect(detail.spans).toMatchObject([
    { name: "call", offset: 0, moved: 0 },
    { name: "serve", offset: 0.1, duration: 0.2, moved: 3_600.1 },
  ]);
});
