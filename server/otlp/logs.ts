import type { LogLevel } from "../../schema/rules/log-levels.ts";
import { AppError } from "../errors/app-error.ts";
import { startBreathing } from "../lib/breathe.ts";
import { readLevel } from "../lib/log-level.ts";
import type { NewLine } from "../logs/line.ts";
import { isRecord, itemsOf, readAnyValue, readAttributes, readId, readNanoseconds } from "./attributes.ts";
import type { MessageShape } from "./protobuf.ts";
import { anyValue, keyValue, resource, scope } from "./shapes.ts";

/** Records of one request; senders batch a few hundred. */
const MAX_RECORDS = 10_000;
/** How long reading holds the event loop, before other requests run. */
const SLICE_MS = 4;
/** Records between two looks at the clock. */
const LINES_A_LOOK = 50;
/** Resources and scopes of one request. */
const MAX_GROUPS = 10_000;
/** The name of a service that gives none. */
const UNNAMED = "unknown_service";
/** What is kept of who sends, beside its name. */
const RESOURCE_FIELDS = [
  "service.namespace",
  "service.version",
  "service.instance.id",
  "host.name",
  "deployment.environment.name",
  "deployment.environment",
];
/** Severity numbers: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal. */
const FIRST_INFO = 9;
const FIRST_WARNING = 13;
const FIRST_ERROR = 17;
/** `SEVERITY_NUMBER_ERROR2` is an error. */
const SEVERITY_NAME = /^SEVERITY_NUMBER_|\d+$/g;

const LOG_RECORD: MessageShape = {
  1: { name: "timeUnixNano", kind: "fixed64" },
  2: { name: "severityNumber", kind: "uint32" },
  3: { name: "severityText", kind: "string" },
  5: { name: "body", kind: anyValue },
  6: { name: "attributes", kind: keyValue, isRepeated: true },
  9: { name: "traceId", kind: "hex" },
  10: { name: "spanId", kind: "hex" },
  11: { name: "observedTimeUnixNano", kind: "fixed64" },
  12: { name: "eventName", kind: "string" },
};
const SCOPE_LOGS: MessageShape = {
  1: { name: "scope", kind: scope },
  2: { name: "logRecords", kind: () => LOG_RECORD, isRepeated: true },
};
const RESOURCE_LOGS: MessageShape = {
  1: { name: "resource", kind: resource },
  2: { name: "scopeLogs", kind: () => SCOPE_LOGS, isRepeated: true },
};

/** `ExportLogsServiceRequest`, after logs.proto and logs_service.proto. */
export const LOGS_REQUEST: MessageShape = {
  1: { name: "resourceLogs", kind: () => RESOURCE_LOGS, isRepeated: true },
};

/** The lines of a request, and how many records were none. */
export interface ReadLogs {
  lines: NewLine[];
  rejected: number;
  /** One sentence; empty when nothing was rejected. */
  problem: string;
}

/** Reads an export request in the shape of OTLP/JSON; the event loop runs meanwhile. @throws AppError `invalid_request` when it has another. */
export async function readLogs(request: unknown, now: number): Promise<ReadLogs> {
  const breathe = startBreathing(SLICE_MS);
  const lines: NewLine[] = [];
  let [malformed, surplus] = [0, 0];
  for (const { record, source, fields } of recordsOf(request)) {
    if (lines.length % LINES_A_LOOK === 0) await breathe();
    if (!isRecord(record)) malformed++;
    else if (lines.length >= MAX_RECORDS) surplus++;
    else lines.push(lineOf(record, source, fields, now));
  }
  const problems = [
    ...(malformed > 0 ? [`${malformed} log records are no objects.`] : []),
    ...(surplus > 0 ? [`A request has at most ${MAX_RECORDS} log records.`] : []),
  ];
  return { lines, rejected: malformed + surplus, problem: problems.join(" ") };
}

interface Sent {
  record: unknown;
  source: string;
  fields: Record<string, unknown>;
}

function* recordsOf(request: unknown): Generator<Sent> {
  if (!isRecord(request)) throw wrong("the request is no object");
  let groups = 0;
  const count = (added: number): void => {
    groups += added;
    if (groups > MAX_GROUPS) throw wrong(`it has more than ${MAX_GROUPS} resources and scopes`);
  };
  count(list(request.resourceLogs, "resourceLogs").length);
  for (const [index, ofResource] of list(request.resourceLogs, "resourceLogs").entries()) {
    const path = `resourceLogs[${index}]`;
    if (!isRecord(ofResource)) throw wrong(`${path} is no object`);
    count(list(ofResource.scopeLogs, `${path}.scopeLogs`).length);
    const sender = readAttributes(isRecord(ofResource.resource) ? ofResource.resource.attributes : undefined);
    const name = sender["service.name"];
    const source = typeof name === "string" && name !== "" ? name : UNNAMED;
    const kept = Object.fromEntries(
      RESOURCE_FIELDS.flatMap((key) => (key in sender ? [[key, sender[key]]] : [])),
    );
    for (const [place, ofScope] of list(ofResource.scopeLogs, `${path}.scopeLogs`).entries()) {
      if (!isRecord(ofScope)) throw wrong(`${path}.scopeLogs[${place}] is no object`);
      const scopeName = isRecord(ofScope.scope) ? ofScope.scope.name : undefined;
      const fields = typeof scopeName === "string" && scopeName !== "" ? { ...kept, scope: scopeName } : kept;
      for (const record of list(ofScope.logRecords, `${path}.scopeLogs[${place}].logRecords`)) {
        yield { record, source, fields };
      }
    }
  }
}

function lineOf(
  record: Record<string, unknown>,
  source: string,
  kept: Record<string, unknown>,
  now: number,
): NewLine {
  const body = readAnyValue(record.body);
  const eventName = typeof record.eventName === "string" ? record.eventName : "";
  const { correlation_id: correlationId, ...attributes } = readAttributes(record.attributes);
  return {
    at: readNanoseconds(record.timeUnixNano) ?? readNanoseconds(record.observedTimeUnixNano) ?? now,
    level: levelOf(record.severityNumber, record.severityText),
    source,
    message: typeof body === "string" ? body : body === undefined ? eventName : JSON.stringify(body),
    fields: {
      ...attributes,
      ...kept,
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(eventName === "" ? {} : { eventName }),
      traceId: readId(record.traceId),
      spanId: readId(record.spanId),
    },
  };
}

/** By the number, or the name that some senders of JSON give it; where there is neither, by the sender's own word. */
function levelOf(severity: unknown, word: unknown): LogLevel {
  const number = Number(severity ?? 0);
  if (Number.isNaN(number)) return readLevel(String(severity).replace(SEVERITY_NAME, "")) ?? "info";
  if (number < 1) return readLevel(word) ?? "info";
  if (number >= FIRST_ERROR) return "error";
  if (number >= FIRST_WARNING) return "warning";
  return number < FIRST_INFO ? "debug" : "info";
}

function list(value: unknown, path: string): readonly unknown[] {
  const items = itemsOf(value);
  if (!items) throw wrong(`${path} is no list`);
  return items;
}

const wrong = (what: string): AppError =>
  new AppError("invalid_request", `The body is not an OTLP request for logs: ${what}.`);
