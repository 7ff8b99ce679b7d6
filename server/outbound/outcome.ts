import { AppError } from "../errors/app-error.ts";
import type { ErrorCode } from "../errors/catalogue.ts";

/** Every way in which a connection that leaves can fail, and the error code it becomes at the edge. */
const OUTBOUND_OUTCOMES = {
  invalid_request: "outbound_refused",
  refused_host: "outbound_refused",
  refused_address: "outbound_refused",
  refused_redirect: "outbound_refused",
  too_many_redirects: "outbound_failed",
  dns_failed: "outbound_failed",
  connect_failed: "outbound_failed",
  proxy_failed: "outbound_failed",
  tls_failed: "outbound_failed",
  protocol_failed: "outbound_failed",
  connection_lost: "outbound_failed",
  too_large: "outbound_failed",
  timed_out: "timed_out",
  cancelled: "outbound_failed",
  overloaded: "overloaded",
} as const satisfies Record<string, ErrorCode>;

/** A named failure of an outbound connection. */
export type OutboundOutcome = keyof typeof OUTBOUND_OUTCOMES;

/** A failed outbound connection: `outcome` says how, `message` tells a person, the cause stays inside. */
export class OutboundError extends AppError {
  readonly outcome: OutboundOutcome;

  constructor(outcome: OutboundOutcome, message: string, cause?: unknown) {
    super(OUTBOUND_OUTCOMES[outcome], message, cause === undefined ? {} : { cause });
    this.outcome = outcome;
  }
}
