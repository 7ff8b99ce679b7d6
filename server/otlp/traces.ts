import { AppError } from "../errors/app-error.ts";
import { startBreathing } from "../lib/breathe.ts";
import { isRecord, itemsOf, readAttributes, readId, readNanoseconds } from "./attributes.ts";
import type { MessageShape } from "./protobuf.ts";
import { keyValue, resource, scope } from "./shapes.ts";

/** Spans of one request; senders batch a few hundred. */
const MAX_SPANS = 10_000;
/** How long reading holds the event loop, before other requests run. */
const SLICE_MS = 4;
/** Spans between two looks at the clock. */
const SPANS_A_LOOK = 50;
/** Reasons that an answer names. */
const MAX_REASONS = 3;
/** Resources and scopes of one request. */
const MAX_GROUPS = 10_000;
/** The name of a service that gives none. */
const UNNAMED = "unknown_service";
const TRACE_ID_LENGTH = 32;
const SPAN_ID_LENGTH = 16;
const US_PER_MS = 1_000;
/** Events of one span that are read. */
const MAX_EVENTS = 32;
const FAILED = 2;

/** By the numbers of span.proto; 0 is unspecified, which counts as internal. */
const KINDS = ["internal", "internal", "server", "client", "producer", "consumer"] as const;
export type SpanKind = (typeof KINDS)[number];

const STATUS: MessageShape = {
  2: { name: "message", kind: "string" },
  3: { name: "code", kind: "uint32" },
};
const EVENT: MessageShape = {
  1: { name: "timeUnixNano", kind: "fixed64" },
  2: { name: "name", kind: "string" },
  3: { name: "attributes", kind: keyValue, isRepeated: true },
};
const SPAN: MessageShape = {
  1: { name: "traceId", kind: "hex" },
  2: { name: "spanId", kind: "hex" },
  4: { name: "parentSpanId", kind: "hex" },
  5: { name: "name", kind: "string" },
  6: { name: "kind", kind: "uint32" },
  7: { name: "startTimeUnixNano", kind: "fixed64" },
  8: { name: "endTimeUnixNano", kind: "fixed64" },
  9: { name: "attributes", kind: keyValue, isRepeated: true },
  11: { name: "events", kind: () => EVENT, isRepeated: true },
  15: { name: "status", kind: () => STATUS },
};
const SCOPE_SPANS: MessageShape = {
  1: { name: "scope", kind: scope },
  2: { name: "spans", kind: () => SPAN, isRepeated: true },
};
const RESOURCE_SPANS: MessageShape = {
  1: { name: "resource", kind: resource },
  2: { name: "scopeSpans", kind: () => SCOPE_SPANS, isRepeated: true },
};

/** `ExportTraceServiceRequest`, after trace.proto and trace_service.proto. */
export const TRACES_REQUEST: MessageShape = {
  1: { name: "resourceSpans", kind: () => RESOURCE_SPANS, isRepeated: true },
};

/** Something that happened within a span. */
export interface ReceivedSpanEvent {
  /** Microseconds since the beginning of its span. */
  offsetUs: number;
  name: string;
  attributes: Readonly<Record<string, unknown>>;
}

/** A span as it was sent, in our units. */
export interface ReceivedSpan {
  /** 32 hexadecimal digits in lower case. */
  traceId: string;
  /** 16 hexadecimal digits in lower case. */
  id: string;
  parentId: string | null;
  name: string;
  kind: SpanKind;
  service: string;
  /** Microseconds since the epoch. */
  startedAtUs: number;
  durationUs: number;
  hasFailed: boolean;
  message: string;
  attributes: Readonly<Record<string, unknown>>;
  events: readonly ReceivedSpanEvent[];
}

/** The spans of a request, and why others were none. */
export interface ReadTraces {
  spans: ReceivedSpan[];
  rejected: number;
  /** One sentence each, the first few. */
  problems: string[];
}

/** Reads an export request in the shape of OTLP/JSON; the event loop runs meanwhile. @throws AppError `invalid_request` when it has another. */
export async function readTraces(request: unknown): Promise<ReadTraces> {
  const breathe = startBreathing(SLICE_MS);
  const spans: ReceivedSpan[] = [];
  const reasons = new Set<string>();
  let rejected = 0;
  for (const { span, service } of spansOf(request)) {
    if (spans.length % SPANS_A_LOOK === 0) await breathe();
    const read =
      spans.length >= MAX_SPANS ? `A request has at most ${MAX_SPANS} spans.` : readSpan(span, service);
    if (typeof read !== "string") spans.push(read);
    else {
      rejected++;
      if (reasons.size < MAX_REASONS) reasons.add(read);
    }
  }
  return { spans, rejected, problems: [...reasons] };
}

function* spansOf(request: unknown): Generator<{ span: unknown; service: string }> {
  if (!isRecord(request)) throw wrong("the request is no object");
  let groups = 0;
  const count = (added: number): void => {
    groups += added;
    if (groups > MAX_GROUPS) throw wrong(`it has more than ${MAX_GROUPS} resources and scopes`);
  };
  count(list(request.resourceSpans, "resourceSpans").length);
  for (const [index, ofResource] of list(request.resourceSpans, "resourceSpans").entries()) {
    const path = `resourceSpans[${index}]`;
    if (!isRecord(ofResource)) throw wrong(`${path} is no object`);
    count(list(ofResource.scopeSpans, `${path}.scopeSpans`).length);
    const sender = readAttributes(isRecord(ofResource.resource) ? ofResource.resource.attributes : undefined);
    const name = sender["service.name"];
    const service = typeof name === "string" && name !== "" ? name : UNNAMED;
    for (const [place, ofScope] of list(ofResource.scopeSpans, `${path}.scopeSpans`).entries()) {
      if (!isRecord(ofScope)) throw wrong(`${path}.scopeSpans[${place}] is no object`);
      for (const span of list(ofScope.spans, `${path}.scopeSpans[${place}].spans`)) yield { span, service };
    }
  }
}

/** The span, or the reason why it is none. */
function readSpan(span: unknown, service: string): ReceivedSpan | string {
  if (!isRecord(span)) return "A span is an object.";
  const traceId = readId(span.traceId);
  if (traceId?.length !== TRACE_ID_LENGTH) return "A traceId is 32 hexadecimal digits, not all zero.";
  const id = readId(span.spanId);
  if (id?.length !== SPAN_ID_LENGTH) return "A spanId is 16 hexadecimal digits, not all zero.";
  const startedAtMs = readNanoseconds(span.startTimeUnixNano);
  const endedAtMs = readNanoseconds(span.endTimeUnixNano);
  if (startedAtMs === undefined || endedAtMs === undefined) return "A span has a start and an end.";
  if (endedAtMs < startedAtMs) return "A span ends after it has begun.";
  const parentId = readId(span.parentSpanId);
  const status = isRecord(span.status) ? span.status : {};
  const startedAtUs = Math.round(startedAtMs * US_PER_MS);
  return {
    traceId,
    id,
    parentId: parentId?.length === SPAN_ID_LENGTH && parentId !== id ? parentId : null,
    name: typeof span.name === "string" ? span.name : "",
    kind: kindOf(span.kind),
    service,
    startedAtUs,
    durationUs: Math.round(endedAtMs * US_PER_MS) - startedAtUs,
    hasFailed: Number(status.code) === FAILED || status.code === "STATUS_CODE_ERROR",
    message: typeof status.message === "string" ? status.message : "",
    attributes: readAttributes(span.attributes),
    events: readEvents(span.events, startedAtUs),
  };
}

/** What is no event, or has no time, is left out. */
function readEvents(value: unknown, startedAtUs: number): ReceivedSpanEvent[] {
  return (itemsOf(value) ?? []).slice(0, MAX_EVENTS).flatMap((event) => {
    const atMs = isRecord(event) ? readNanoseconds(event.timeUnixNano) : undefined;
    if (!isRecord(event) || atMs === undefined) return [];
    return {
      offsetUs: Math.round(atMs * US_PER_MS) - startedAtUs,
      name: typeof event.name === "string" ? event.name : "",
      attributes: readAttributes(event.attributes),
    };
  });
}

/** A number, or the name that some senders of JSON give it. */
function kindOf(kind: unknown): SpanKind {
  if (typeof kind === "number") return KINDS[kind] ?? "internal";
  const name = String(kind).toLowerCase();
  return KINDS.find((known) => name === `span_kind_${known}`) ?? "internal";
}

function list(value: unknown, path: string): readonly unknown[] {
  const items = itemsOf(value);
  if (!items) throw wrong(`${path} is no list`);
  return items;
}

const wrong = (what: string): AppError =>
  new AppError("invalid_request", `The body is not an OTLP request for traces: ${what}.`);
