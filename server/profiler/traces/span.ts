import type { SpanKind } from "../../otlp/traces.ts";

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that happened within a span. */
export interface SpanEvent {
  /** Since the beginning of the span. */
  offsetUs: number;
  name: string;
  attributes: Attributes;
}

/** One step of a trace; times in microseconds. */
export interface Span {
  traceId: string;
  id: string;
  parentId: string | null;
  name: string;
  kind: SpanKind;
  service: string;
  /** Since the epoch. */
  startedAtUs: number;
  durationUs: number;
  hasFailed: boolean;
  message: string;
  attributes: Attributes;
  events: readonly SpanEvent[];
}

/** A trace as a list shows it. */
export interface Trace {
  id: string;
  name: string;
  service: string;
  startedAtUs: number;
  durationUs: number;
  spans: number;
  errors: number;
}
