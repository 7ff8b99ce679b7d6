import { AppError } from "../../errors/app-error.ts";
import { CSRF_HEADER, hasCsrfHeader, isSafeMethod, isSameSiteProof } from "../../security/same-site.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";
import { refuseForeignOrigin } from "../same-site.ts";

/**
 * Changes that a cookie authorises need proof of coming from our own pages; changes that nobody authorises (sign-in,
 * set-up) must not be known to come from another site. A bearer token is proof enough: no browser adds it by itself.
 */
export const sameSite: Middleware = {
  name: "same-site",
  priority: PRIORITIES.sameSite,
  before(exchange) {
    const { request, principal } = exchange;
    if (isSafeMethod(request.method) || principal.kind === "token" || principal.kind === "owner") {
      return undefined;
    }
    if (principal.kind === "nobody") {
      if (!hasCsrfHeader(request.headers)) refuseForeignOrigin(exchange);
    } else if (!exchange.crossOrigin?.hasCredentials && !isSameSiteProof(request.headers, exchange.origin)) {
      throw new AppError(
        "cross_site_request",
        `A change made with a session cookie needs the header ${CSRF_HEADER}: 1, or to come from this origin.`,
      );
    }
    return undefined;
  },
};
