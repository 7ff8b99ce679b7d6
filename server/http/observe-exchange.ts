import type { Observer } from "../lib/probe.ts";
import { OWNER, principalName } from "../security/principal.ts";
import type { Exchange } from "./exchange.ts";
import { GRAPHQL_PATH } from "./graphql/path.ts";
import type { ExchangeEnd } from "./pipeline.ts";

/** Methods that stand in names; a client may send any word. */
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
const SERVER_FAULT = 500;
const SWITCHING_PROTOCOLS = 101;
const NOT_FOUND = 404;

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
  observer.record(
    "graphql",
    exchange.graphOperation,
    durationMs,
    hasFailed || exchange.error !== undefined,
    describe,
  );
}

function nameOf({ request: { method }, route, path }: Exchange, status: number): string {
  const word = METHODS.has(method) ? method : "OTHER";
  if (route !== undefined) return `${word} ${route}`;
  if (path === GRAPHQL_PATH) return `${word} ${GRAPHQL_PATH}`;
  return status === NOT_FOUND ? `${word} (no such path)` : `${word} (files and refusals)`;
}

const contextOf = ({ exchange, status }: ExchangeEnd) => ({
  correlationId: exchange.correlationId,
  traceId: exchange.traceId,
  principal: principalName(exchange.principal),
  attributes: {
    status,
    path: exchange.path,
    ...(exchange.error ? { code: exchange.error.code } : {}),
  },
});
