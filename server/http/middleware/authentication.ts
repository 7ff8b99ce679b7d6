import { AppError } from "../../errors/app-error.ts";
import type { Principal } from "../../security/principal.ts";
import type { Exchange } from "../exchange.ts";
import { type MaybePromise, type Middleware, PRIORITIES } from "../pipeline.ts";

/** Who stands behind a request's credentials. */
export interface Authenticator {
  /** Nobody when there are none. @throws AppError `invalid_token` and the like when they are wrong. */
  authenticate(exchange: Exchange): MaybePromise<Principal>;
}

/**
 * Finds the principal. Wrong credentials do not end the request here: it is counted against the client's rate first,
 * so that guessing is slowed; {@link refuseBadCredentials} ends it.
 */
export function authentication(authenticator: Authenticator): Middleware {
  return {
    name: "authentication",
    priority: PRIORITIES.authentication,
    before(exchange) {
      if (exchange.principal.kind === "owner") return undefined;
      const { headers } = exchange.request;
      if (!headers.has("authorization") && !headers.has("cookie")) return undefined;
      try {
        const outcome = authenticator.authenticate(exchange);
        if (outcome instanceof Promise) return settle(exchange, outcome);
        exchange.principal = outcome;
      } catch (thrown) {
        refuse(exchange, thrown);
      }
      return undefined;
    },
  };
}

/** Ends the requests whose credentials were wrong. */
export const refuseBadCredentials: Middleware = {
  name: "refusal",
  priority: PRIORITIES.refusal,
  before(exchange) {
    if (exchange.refusal) throw exchange.refusal;
    return undefined;
  },
};

async function settle(exchange: Exchange, outcome: Promise<Principal>): Promise<undefined> {
  try {
    exchange.principal = await outcome;
  } catch (thrown) {
    refuse(exchange, thrown);
  }
}

function refuse(exchange: Exchange, thrown: unknown): void {
  if (!(thrown instanceof AppError)) throw thrown;
  exchange.refusal = thrown;
}
