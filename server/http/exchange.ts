import { AppError } from "../errors/app-error.ts";
import type { Principal } from "../security/principal.ts";

/** What the pipeline knows of a request, beside the request itself. */
export interface Exchange {
  readonly request: Request;
  /** Given by the caller or made; in every log line, answer and error. */
  readonly correlationId: string;
  /** The client's address, proxies considered; `control` on the control socket. */
  readonly clientAddress: string;
  /** Whether the client's own connection is encrypted, proxies considered. */
  readonly isSecure: boolean;
  /** Set once by authentication, before any handler runs. */
  principal: Principal;
}

const exchanges = new WeakMap<Request, Exchange>();

/** Joins a request with what the pipeline knows of it. */
export const attachExchange = (exchange: Exchange): unknown => exchanges.set(exchange.request, exchange);

/** What the pipeline knows of `request`. @throws AppError `internal` outside the pipeline. */
export function exchangeOf(request: Request): Exchange {
  const exchange = exchanges.get(request);
  if (!exchange) throw new AppError("internal", "A request reached a handler beside the pipeline.");
  return exchange;
}
