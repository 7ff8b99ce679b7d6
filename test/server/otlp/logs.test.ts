import { describe, expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, type LogRecordExporter, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { startApp, type TestClient } from "../../support/start-app.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const PROTOBUF = { "content-type": "application/x-protobuf" };

interface Line {
  level: string;
  source: string;
  message: string;
  at: string;
  traceId: string | null;
  spanId: string | null;
  correlationId: string | null;
  fields: Record<string, unknown>;
}

async function linesOf(client: TestClient, query = ""): Promise<Line[]> {
  const response = await client.get(`/api/v3/logger/recent-logs${query}`);
  return ((await response.json()) as { items: Line[] }).items;
}

/** Sends one record as an application does that is instrumented with the SDK. */
async function sendBySdk(exporter: LogRecordExporter): Promise<void> {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": "shop", "service.version": "1.2.3" }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  provider.getLogger("checkout").emit({
    timestamp: new Date(Date.UTC(2030, 0, 1, 12)),
    severityNumber: SeverityNumber.WARN2,
    severityText: "WARN2",
    body: "payment declined",
    attributes: { "http.status": 402, retries: [1, 2], correlation_id: "order-7", "trace-like": true },
  });
  await provider.shutdown();
}

const record = (rest: object): object => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeLogs: [{ scope: { name: "checkout" }, logRecords: [rest] }],
    },
  ],
});

describe("logs by OTLP/HTTP", () => {
  test.each([
    ["JSON", JsonExporter],
    ["protobuf", ProtobufExporter],
  ])("as the official SDK sends them, as %s and packed", async (_format, Exporter) => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const { authorization = "" } = client.headers;
    await sendBySdk(
      new Exporter({
        url: `${app.address}/v1/logs`,
        headers: { authorization },
        compression: "gzip" as never,
      }),
    );
    expect(await linesOf(client)).toMatchObject([
      {
        level: "warning",
        source: "shop",
        message: "payment declined",
        at: "2030-01-01T12:00:00.000Z",
        correlationId: "order-7",
        traceId: null,
        fields: { "http.status": 402, retries: [1, 2], scope: "checkout", "service.version": "1.2.3" },
      },
    ]);
  });

  test("keep trace and span, and are found by them", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const sent = record({ timeUnixNano: "1893499200000000000", traceId: TRACE.toUpperCase(), spanId: SPAN });
    const response = await client.send("POST", "/v1/logs", sent);
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: {} });
    await client.send("POST", "/v1/logs", record({ traceId: "0".repeat(32) }));
    expect(await linesOf(client, `?traceId=${TRACE}`)).toMatchObject([{ traceId: TRACE, spanId: SPAN }]);
    expect(await linesOf(client)).toMatchObject([{ traceId: null }, { traceId: TRACE }]);
  });

  test("need the right to write logs", async () => {
    await using app = await startApp();
    const statusFor = async (client: TestClient) =>
      (await client.send("POST", "/v1/logs", record({}))).status;
    expect(await statusFor(app.guest())).toBe(401);
    expect(await statusFor(await app.token(["logs:read"]))).toBe(403);
    expect(await statusFor(await app.token(["logs:write"]))).toBe(200);
  });

  test("are taken in part where a record is none, and the answer says so", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const request = {
      resourceLogs: [{ scopeLogs: [{ logRecords: ["nonsense", { body: { stringValue: "fine" } }] }] }],
    };
    const response = await client.send("POST", "/v1/logs", request);
    expect(await response.json()).toEqual({
      partialSuccess: { rejectedLogRecords: "1", errorMessage: "1 log records are no objects." },
    });
    expect(await linesOf(client)).toMatchObject([
      { message: "fine", source: "unknown_service", level: "info" },
    ]);
  });

  test.each<[string, number, RequestInit]>([
    ["no JSON", 400, { body: "{", headers: { "content-type": "application/json" } }],
    ["another shape", 400, { body: '{"resourceLogs":{}}', headers: { "content-type": "application/json" } }],
    ["a list", 400, { body: "[]", headers: { "content-type": "application/json" } }],
    ["no protobuf", 400, { body: new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), headers: PROTOBUF }],
    ["a cut message", 400, { body: new Uint8Array([0x0a, 0x10, 0x12]), headers: PROTOBUF }],
    ["a group", 400, { body: new Uint8Array([0x0b]), headers: PROTOBUF }],
    ["no gzip", 400, { body: "plain", headers: { ...PROTOBUF, "content-encoding": "gzip" } }],
    ["another packing", 415, { body: "plain", headers: { ...PROTOBUF, "content-encoding": "lzma" } }],
    ["another type", 415, { body: "plain", headers: { "content-type": "text/plain" } }],
    [
      "a bomb",
      413,
      {
        body: gzipSync(new Uint8Array(64 * 1_024 * 1_024)),
        headers: { ...PROTOBUF, "content-encoding": "gzip" },
      },
    ],
    [
      "a bomb of zstd",
      413,
      {
        body: zstdCompressSync(new Uint8Array(64 * 1_024 * 1_024)),
        headers: { ...PROTOBUF, "content-encoding": "zstd" },
      },
    ],
    ["groups within groups", 400, { body: new Uint8Array(900_000).fill(0x0b), headers: PROTOBUF }],
    ["a number without end", 400, { body: new Uint8Array(900_000).fill(0xff), headers: PROTOBUF }],
    ["too much", 413, { body: new Uint8Array(2 * 1_024 * 1_024), headers: PROTOBUF }],
  ])("are refused as %s with %d, and nothing is kept", async (_what, status, init) => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const response = await client.fetch("/v1/logs", { method: "POST", ...init });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status });
    expect(await linesOf(client)).toEqual([]);
  });

  test("keep their time whatever it is, or get that of their arrival where it is none", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const times: [unknown, string | undefined][] = [
      ["1", "1970-01-01T00:00:00.000Z"],
      ["9214646400000000000", "2262-01-01T00:00:00.000Z"],
      ["18446744073709551615", "2554-07-21T23:34:33.710Z"],
      ["99999999999999999999", "5138-11-16T09:46:40.000Z"],
      ["-1893499200000000000", undefined],
      ["", undefined],
      [1e300, undefined],
      [{}, undefined],
    ];
    for (const [timeUnixNano] of times) {
      const response = await client.send("POST", "/v1/logs", record({ timeUnixNano }));
      expect(response.status).toBe(200);
    }
    const shown = (await linesOf(client)).map(({ at }) => at).reverse();
    for (const [index, [, expected]] of times.entries()) {
      if (expected !== undefined) expect(shown[index]).toBe(expected);
      else expect(Math.abs(Date.parse(shown[index] ?? "") - Date.now())).toBeLessThan(3_600_000);
    }
  });

  test("with values nested without end are read to a limit or refused", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    let value: object = { stringValue: "deep" };
    for (let depth = 0; depth < 200; depth++) value = { arrayValue: { values: [value] } };
    expect((await client.send("POST", "/v1/logs", record({ body: value }))).status).toBe(200);
    let bytes = Uint8Array.of(0x0a, 0x01, 0x61);
    for (let depth = 0; depth < 30; depth++) bytes = Uint8Array.of(0x0a, bytes.length, ...bytes);
    const response = await client.fetch("/v1/logs", { method: "POST", body: bytes, headers: PROTOBUF });
    expect([200, 400]).toContain(response.status);
  });

  test("that are nothing but objects are refused before they take the memory, packed or not", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const send = (bytes: Uint8Array, type: string) =>
      client.fetch("/v1/logs", {
        method: "POST",
        body: Buffer.from(gzipSync(bytes)),
        headers: { "content-type": type, "content-encoding": "gzip" },
      });
    const most = 500_000;
    const json = Buffer.from(`{"resourceLogs":[${"{},".repeat(most)}{}]}`);
    const refused = await send(json, "application/json");
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("at most 500000 objects");
    // An empty message takes two bytes: field 1, no length.
    const messages = Buffer.alloc(2 * (most + 1), Uint8Array.of(0x0a, 0x00));
    expect((await send(messages, "application/x-protobuf")).status).toBe(400);
    const fields = Buffer.alloc(2 * 1_500_001, Uint8Array.of(0x78, 0x01));
    expect(await (await send(fields, "application/x-protobuf")).text()).toContain("at most 1500000 fields");
    const resources = Buffer.from(`{"resourceLogs":[${"{},".repeat(10_000)}{}]}`);
    expect(await (await send(resources, "application/json")).text()).toContain("10000 resources and scopes");
  });

  test("of any severity have a level: by number, by name, by the sender's word, or info", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const severities: [object, string][] = [
      [{ severityNumber: 1 }, "debug"],
      [{ severityNumber: 24 }, "error"],
      [{ severityNumber: 99 }, "error"],
      [{ severityNumber: -3 }, "info"],
      [{ severityNumber: "SEVERITY_NUMBER_WARN3" }, "warning"],
      [{ severityNumber: "nonsense" }, "info"],
      [{ severityNumber: { deep: 1 } }, "info"],
      [{ severityText: "Fatal" }, "error"],
      [{ severityNumber: 0, severityText: "loud" }, "info"],
      [{}, "info"],
    ];
    for (const [severity] of severities) {
      const sent = record({ ...severity, body: { stringValue: JSON.stringify(severity) } });
      expect((await client.send("POST", "/v1/logs", sent)).status).toBe(200);
    }
    const levels = new Map((await linesOf(client)).map(({ message, level }) => [message, level]));
    expect([...levels]).toEqual(
      severities.map(([severity, level]): [string, string] => [JSON.stringify(severity), level]).reverse(),
    );
  });

  test("with huge and countless attributes are cut, and say so", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const attributes = [
      ...Array.from({ length: 5_000 }, (_, n) => ({ key: `k${n}`, value: { intValue: String(n) } })),
    ];
    const huge = { key: "huge", value: { stringValue: "x".repeat(500_000) } };
    await client.send("POST", "/v1/logs", record({ body: { stringValue: "many" }, attributes }));
    await client.send("POST", "/v1/logs", record({ body: { stringValue: "long" }, attributes: [huge] }));
    const [long, many] = await linesOf(client);
    expect(Object.keys(many?.fields ?? {}).length).toBeLessThanOrEqual(100);
    expect(Number(long?.fields.cutCharacters)).toBeGreaterThan(400_000);
  });

  test("never hold a secret that Binnacle keeps, nor what looks like one", async () => {
    await using app = await startApp();
    const client = await app.token(["logs:write"]);
    const admin = await app.token(["*"]);
    const secret = "correct-horse-battery-staple-7";
    expect((await admin.send("PUT", "/api/v3/secrets/SHOP", { value: secret })).status).toBe(201);
    const body = { stringValue: `sent ${secret} and ${btoa(secret)} with Bearer abcdef0123456789` };
    const attributes = [
      { key: "note", value: { stringValue: secret } },
      { key: "db.password", value: { stringValue: "hunter22" } },
    ];
    await client.send("POST", "/v1/logs", record({ body, attributes }));
    expect(await linesOf(client)).toMatchObject([
      {
        message: "sent [redacted] and [redacted] with Bearer [redacted]",
        fields: { note: "[redacted]", "db.password": "[redacted]" },
      },
    ]);
    const stored = app.parts.logSystem?.store.reader.$client
      .query<{ texts: string }, []>("SELECT texts FROM log_tail")
      .all();
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toMatch(/hunter22|battery|abcdef0123456789/);
  });
});
