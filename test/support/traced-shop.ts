import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** More than a trace is drawn with at once. */
const LARGE_TRACE_SPANS = 1_000;
const QUEUE_SPANS = 8_192;

/** The ids of what the shop did. */
export interface ShopTraces {
  /** An order whose payment was declined. */
  declined: string;
  /** An order of a thousand lines. */
  large: string;
  /** An order like most. */
  usual: string[];
}

/** One service of the shop, instrumented with the official SDK, as an application is. */
class Service {
  readonly tracer: Tracer;
  readonly #provider: TracerProvider;

  constructor(name: string, address: string, token: string) {
    const exporter = new OTLPTraceExporter({
      url: `${address}/v1/traces`,
      headers: { authorization: `Bearer ${token}` },
    });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ "service.name": name }),
      spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_SPANS })],
    });
    this.tracer = this.#provider.getTracer("shop");
  }

  /** A span of `durationMs` that begins at `atMs`, under `parent` when there is one. */
  span(name: string, atMs: number, durationMs: number, parent?: Span, attributes = {}): Span {
    const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const kind = parent ? SpanKind.INTERNAL : SpanKind.SERVER;
    const span = this.tracer.startSpan(name, { startTime: atMs, kind, attributes }, context);
    span.end(atMs + durationMs);
    return span;
  }

  /** Sends what waits. */
  end(): Promise<void> {
    return this.#provider.shutdown();
  }
}

/** Three services take `orders` orders within the last minutes, one is declined and one is very large. */
export async function runShop(address: string, token: string, orders = 30): Promise<ShopTraces> {
  const [front, billing, stock] = ["storefront", "billing", "stock"].map(
    (name) => new Service(name, address, token),
  ) as [Service, Service, Service];
  const now = Date.now();
  const usual: string[] = [];
  for (let n = 0; n < orders; n++) {
    const at = now - 60_000 - (n % 10) * 55_000 - n * 7;
    usual.push(order(front, billing, stock, at, 1 + (n % 7) * 0.4));
  }
  const declined = declinedOrder(front, billing, now - 30_000);
  const large = largeOrder(front, stock, now - 20_000);
  await Promise.all([front, billing, stock].map((service) => service.end()));
  return { declined, large, usual };
}

function order(front: Service, billing: Service, stock: Service, at: number, slowness: number): string {
  const root = front.span("POST /orders", at, 180 * slowness, undefined, { "order.items": 3 });
  const checked = front.span("validate", at + 2, 8, root);
  stock.span("SELECT articles", at + 4, 5, checked, { "db.system": "postgresql" });
  const charge = billing.span("charge card", at + 14, 120 * slowness, root, { "payment.provider": "acme" });
  billing.span("POST api.acme.example/charges", at + 18, 104 * slowness, charge, { "http.status_code": 200 });
  stock.span("reserve articles", at + 20, 40 * slowness, root);
  front.span("render receipt", at + 14 + 122 * slowness, 20 * slowness, root);
  return root.spanContext().traceId;
}

function declinedOrder(front: Service, billing: Service, at: number): string {
  const root = front.tracer.startSpan("POST /orders", { startTime: at, kind: SpanKind.SERVER }, ROOT_CONTEXT);
  const context = trace.setSpan(ROOT_CONTEXT, root);
  const charge = billing.tracer.startSpan("charge card", { startTime: at + 10 }, context);
  charge.addEvent("retry", { attempt: 2 }, at + 600);
  charge.setAttribute("payment.provider", "acme");
  charge.setStatus({ code: SpanStatusCode.ERROR, message: "payment declined" });
  charge.end(at + 1_400);
  root.setStatus({ code: SpanStatusCode.ERROR, message: "order refused" });
  root.end(at + 1_500);
  return root.spanContext().traceId;
}

function largeOrder(front: Service, stock: Service, at: number): string {
  const root = front.span("POST /orders/import", at, LARGE_TRACE_SPANS * 2, undefined, {
    "order.lines": 900,
  });
  let spans = 1;
  for (let group = 0; spans < LARGE_TRACE_SPANS; group++) {
    const begin = at + group * 20;
    const page = front.span("page", begin, 19, root);
    spans++;
    for (let line = 0; line < 9 && spans < LARGE_TRACE_SPANS; line++, spans++)
      stock.span("add line", begin + 2 * line, 2, page);
  }
  return root.spanContext().traceId;
}
