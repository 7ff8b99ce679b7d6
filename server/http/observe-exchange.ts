import type { Observer, Probe, Tracer } from "../lib/probe.ts";
import { OWNER, principalName } from "../security/principal.ts";
import type { Exchange } from "./exchange.ts";
import { GRAPHQL_PATH } from "./graphql/path.ts";
import type { ExchangeEnd } from "./pipeline.ts";
import { STATUS_OF_KIND } from "./problem.ts";

/** Methods that stand in names; a client may send any word. */
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
const SERVER_FAULT = 500;
const SWITCHING_PROTOCOLS = 101;
const NOT_FOUND = 404;
const OK = 200;
/** What stands for the request where an operation came over a socket. */
const SOCKET_NAME = `WS ${GRAPHQL_PATH}`;

/** Method → route → name: the same string each time, so that its hash is known. There are as many as routes. */
const NAMES = new Map<string, Map<string, string>>();

/**
 * Tells how long a request took: by its route, never by its path, so that strangers cannot make names; and by its
 * GraphQL operation. A request fails when it is the server's fault.
 */
export function observeExchange(observer: Observer, end: ExchangeEnd): void {
  const { exchange, durationMs, status } = end;
  // A socket lives for hours: how long its opening took says nothing.
  if (status === SWITCHING_PROTOCOLS) return;
  const hasFailed = status >= SERVER_FAULT;
  const describe = () => contextOf(end);
  const kind = exchange.principal === OWNER ? "control" : "http";
  observer.record(kind, nameOf(exchange, status), durationMs, hasFailed, describe);
  if (exchange.graphOperation === undefined) return;
  const isRefused = hasFailed || exchange.error !== undefined;
  observer.record("graphql", exchange.graphOperation, durationMs, isRefused, describe);
}

/** Ends the trace of a request, if it has one; that of a socket is given up. */
export function endTrace(tracer: Tracer, end: ExchangeEnd): void {
  const { exchange, durationMs, status } = end;
  const { trace } = exchange;
  if (!trace) return;
  tracer.end(trace, {
    name: nameOf(exchange, status),
    durationMs,
    hasFailed: status >= SERVER_FAULT,
    isKept: status !== SWITCHING_PROTOCOLS && exchange.principal.kind !== "nobody",
    attributes: spanAttributesOf(end),
  });
}

/**
 * Tells of a GraphQL operation over a socket what is told of one over HTTP: it fails by the same errors, and has the
 * status that it would have there. No request is counted beside it.
 */
export function observeSocketOperation(
  { observer, tracer }: Pick<Probe, "observer" | "tracer">,
  exchange: Exchange,
  durationMs: number,
): void {
  const { error, graphOperation, trace, principal } = exchange;
  const status = error === undefined ? OK : STATUS_OF_KIND[error.kind];
  const end: ExchangeEnd = { exchange, durationMs, status };
  if (graphOperation !== undefined) {
    observer?.record("graphql", graphOperation, durationMs, error !== undefined, () => contextOf(end));
  }
  if (!trace) return;
  tracer?.end(trace, {
    name: SOCKET_NAME,
    durationMs,
    hasFailed: status >= SERVER_FAULT,
    isKept: graphOperation !== undefined && principal.kind !== "nobody",
    attributes: spanAttributesOf(end),
  });
}

function nameOf({ request: { method }, route, path }: Exchange, status: number): string {
  const place = route ?? placeOf(path, status);
  return NAMES.get(method)?.get(place) ?? newName(METHODS.has(method) ? method : "OTHER", place);
}

function newName(word: string, place: string): string {
  const byRoute = NAMES.get(word) ?? new Map<string, string>();
  const name = byRoute.get(place) ?? `${word} ${place}`;
  NAMES.set(word, byRoute.set(place, name));
  return name;
}

function placeOf(path: string, status: number): string {
  if (path === GRAPHQL_PATH) return GRAPHQL_PATH;
  return status === NOT_FOUND ? "(no such path)" : "(files and refusals)";
}

const contextOf = (end: ExchangeEnd) => ({
  correlationId: end.exchange.correlationId,
  traceId: end.exchange.traceId,
  principal: principalName(end.exchange.principal),
  attributes: attributesOf(end),
});

const spanAttributesOf = (end: ExchangeEnd) => {
  const { principal, correlationId, graphOperation } = end.exchange;
  return {
    ...attributesOf(end),
    principal: principalName(principal),
    correlation_id: correlationId,
    ...(graphOperation === undefined ? {} : { "graphql.operation.name": graphOperation }),
  };
};

const attributesOf = ({ exchange, status }: ExchangeEnd) => ({
  status,
  path: exchange.path,
  ...(exchange.error ? { code: exchange.error.code } : {}),
});
