import { CORRELATION_FIELD, type LogLine, SPAN_FIELD, TRACE_FIELD } from "./line.ts";
import type { LineView, SourceView } from "./model.ts";
import type { LogSource } from "./store/source-registry.ts";

const textOrNull = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;

/** A line as every edge shows it. */
export const lineView = ({ id, at, level, source, message, fields }: LogLine): LineView => ({
  id,
  at: new Date(at).toISOString(),
  level,
  source,
  message,
  fields: { ...fields },
  correlationId: textOrNull(fields[CORRELATION_FIELD]),
  traceId: textOrNull(fields[TRACE_FIELD]),
  spanId: textOrNull(fields[SPAN_FIELD]),
});

export const sourceView = ({ name, lines, firstSeenAt, lastSeenAt }: LogSource): SourceView => ({
  name,
  lines,
  firstSeenAt: new Date(firstSeenAt).toISOString(),
  lastSeenAt: new Date(lastSeenAt).toISOString(),
});
