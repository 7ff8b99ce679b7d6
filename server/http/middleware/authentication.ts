import { AppError } from "../../errors/app-error.ts";
import type { Access } from "../../security/access.ts";
import type { Exchange } from "../exchange.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

/**
 * Finds the principal. Wrong credentials do not end the request here: it is counted against the client's rate first,
 * so that guessing is slowed; {@link refuseBadCredentials} ends it.
 */
export function authentication(access: Pick<Access, "authenticate" | "recognise">): Middleware {
  return {
    name: "authentication",
    priority: PRIORITIES.authentication,
    before(exchange) {
      if (exchange.principal.kind === "owner") return undefined;
      const { headers } = exchange.request;
      const authorization = headers.get("authorization");
      const cookie = headers.get("cookie");
      if (authorization === null && cookie === null) return undefined;
      const known = access.recognise(authorization, cookie);
      if (known === undefined) return identify(access, exchange, authorization, cookie);
      exchange.principal = known;
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

async function identify(
  access: Pick<Access, "authenticate" | "recognise">,
  exchange: Exchange,
  authorization: string | null,
  cookie: string | null,
): Promise<undefined> {
  try {
    const identity = await access.authenticate({
      authorization,
      cookie,
      correlationId: exchange.correlationId,
      // Asked for only when something is refused: finding it costs a microsecond.
      get clientAddress() {
        return exchange.clientAddress;
      },
    });
    exchange.principal = identity.principal;
    exchange.hasStaleCookie = identity.hasStaleCookie;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    exchange.refusal = thrown;
  }
}
