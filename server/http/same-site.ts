import { AppError } from "../errors/app-error.ts";
import type { Exchange } from "./exchange.ts";

/** Scheme, host and port under which the client reached us. */
export function ownOriginOf(exchange: Exchange): string {
  const host = exchange.request.headers.get("host") ?? "";
  return `${exchange.isSecure ? "https" : "http"}://${host.toLowerCase()}`;
}

/**
 * Refuses what a browser says another site caused; clients that are no browsers say nothing of it and pass.
 * @throws AppError `cross_site_request`
 */
export function refuseForeignOrigin(exchange: Exchange): void {
  const { headers } = exchange.request;
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isForeign =
    (origin !== null && origin.toLowerCase() !== ownOriginOf(exchange)) ||
    site === "cross-site" ||
    site === "same-site";
  if (isForeign) throw new AppError("cross_site_request");
}
