import { expect, test } from "bun:test";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { TraceDetail } from "../../../../server/profiler/traces/model.ts";
import { startApp } from "../../../support/start-app.ts";

const FAILED = 2;

test.each([
  ["JSON", JsonExporter],
  ["protobuf", ProtobufExporter],
])("an application instrumented with the official SDK sends spans as %s", async (_format, Exporter) => {
  await using app = await startApp();
  const writer = await app.token(["profiler:write"]);
  const exporter = new Exporter({
    url: `${app.address}/v1/traces`,
    headers: { authorization: writer.headers.authorization ?? "" },
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const span = provider.getTracer("checkout").startSpan("POST /orders", { attributes: { "order.items": 3 } });
  span.setStatus({ code: FAILED, message: "payment declined" });
  const { traceId, spanId } = span.spanContext();
  span.end();
  await provider.shutdown();
  const reader = await app.token(["profiler:read"]);
  const trace = (await (await reader.get(`/api/v3/traces/${traceId}`)).json()) as TraceDetail;
  expect(trace).toMatchObject({ name: "POST /orders", service: "shop", spanCount: 1, errorCount: 1 });
  expect(trace.spans).toMatchObject([
    { spanId, failed: true, message: "payment declined", attributes: { "order.items": 3 } },
  ]);
});
