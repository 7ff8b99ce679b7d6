import { AppError } from "../errors/app-error.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Refuses what a browser says another site caused; clients that are no browsers say nothing of it and pass, and so do
 * the origins that the settings trust with credentials.
 * @throws AppError `cross_site_request`
 */
export function refuseForeignOrigin(exchange: Exchange): void {
  const { headers } = exchange.request;
  if (exchange.crossOrigin?.hasCredentials) return;
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isForeign =
    (origin !== null && origin.toLowerCase() !== exchange.origin) ||
    site === "cross-site" ||
    site === "same-site";
  if (isForeign) throw new AppError("cross_site_request");
}
