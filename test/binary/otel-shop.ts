import { context, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as JsonTraces } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraces } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/**
 * An application as people write it: a request is a span, what it logs belongs to the span. Arguments: address, token,
 * `json` or `protobuf`. Says the id of its trace.
 */
const [address = "", token = "", format = ""] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const [Logs, Traces] = format === "json" ? [JsonLogs, JsonTraces] : [ProtobufLogs, ProtobufTraces];
const resource = resourceFromAttributes({ "service.name": `shop-${format}`, "service.version": "1.2.3" });
const logs = new LoggerProvider({
  resource,
  processors: [new SimpleLogRecordProcessor({ exporter: new Logs({ url: `${address}/v1/logs`, headers }) })],
});
const traces = new TracerProvider({
  resource,
  spanProcessors: [
    new SimpleSpanProcessor({ exporter: new Traces({ url: `${address}/v1/traces`, headers }) }),
  ],
});

const span = traces.getTracer("checkout").startSpan("POST /orders");
const within = trace.setSpan(context.active(), span);
const logger = logs.getLogger("checkout");
logger.emit({ severityNumber: SeverityNumber.INFO, body: "order placed", context: within });
logger.emit({
  severityNumber: SeverityNumber.ERROR,
  body: { reason: "declined", code: 402 },
  attributes: { "order.items": 3, correlation_id: "abc-1" },
  context: within,
});
span.end();
await Promise.all([logs.shutdown(), traces.shutdown()]);
console.log(span.spanContext().traceId);
