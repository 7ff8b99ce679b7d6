import { afterAll, beforeAll, describe, expect, test } from "bun:test";
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
const startedAtMs = Date.now() - 60_000;
const nano = (offsetMs: number): string => (BigInt(startedAtMs + offsetMs) * NS_PER_MS).toString();
const spanOf = (trace: string, more: object) => ({
  traceId: trace,
  spanId: "00000000000000aa",
  name: "work",
  startTimeUnixNano: nano(0),
  endTimeUnixNano: nano(100),
  ...more,
});
const requestOf = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
const sendText = (body: string) =>
  writer.fetch("/v1/traces", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

describe("a span that means harm", () => {
  test("with numbers that JSON has not leaves its trace readable", async () => {
    const trace = "c".repeat(32);
    const attributes = [{ key: "rows", value: { doubleValue: "MUCH" } }];
    const text = JSON.stringify(requestOf(spanOf(trace, { attributes }))).replace('"MUCH"', "1e999");
    expect((await sendText(text)).status).toBe(200);
    const answer = await reader.get(`/api/v3/traces/${trace}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ spans: [{ attributes: { rows: "Infinity" } }] });
  });

  test("of megabytes is kept with as much as a trace can be read with", async () => {
    const trace = "d".repeat(32);
    const text = "x".repeat(2_000);
    const attributes = Array.from({ length: 60 }, (_, n) => ({ key: `k${n}`, value: { stringValue: text } }));
    const events = Array.from({ length: 6 }, (_, n) => ({ name: "e", timeUnixNano: nano(n), attributes }));
    const sent = await writer.send("POST", "/v1/traces", requestOf(spanOf(trace, { attributes, events })));
    expect(sent.status).toBe(200);
    const answer = await (await reader.get(`/api/v3/traces/${trace}`)).text();
    expect(answer.length).toBeLessThan(20_000);
    expect(answer).toContain("k7");
  });

  test("that would end in a thousand years is rejected, so that it spoils no statistics", async () => {
    const span = spanOf("e".repeat(32), {
      endTimeUnixNano: (BigInt(startedAtMs) * NS_PER_MS * 19n).toString(),
    });
    const answer = await writer.send("POST", "/v1/traces", requestOf(span));
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedSpans: "1" } });
  });
});
