import { AppError } from "../errors/app-error.ts";

/** The header that no other site's form can send; its presence proves the dashboard or a script of the user's own. */
export const CSRF_HEADER = "x-binnacle-csrf";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a change that a cookie authorises provably comes from our own pages: by the CSRF header, or by what the
 * browser itself says of its origin (`sec-fetch-site`, `origin`).
 */
export function isSameSite(request: Request): boolean {
  const { headers } = request;
  if (headers.has(CSRF_HEADER)) return true;
  if (headers.get("sec-fetch-site") === "same-origin") return true;
  const origin = headers.get("origin");
  return origin !== null && isOwnOrigin(origin, headers.get("host"));
}

/** Refuses what a browser says another site caused; says nothing of clients that are not browsers. */
export function refuseForeignOrigin(request: Request): void {
  const { headers } = request;
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isForeign =
    (origin !== null && !isOwnOrigin(origin, headers.get("host"))) ||
    site === "cross-site" ||
    site === "same-site";
  if (isForeign) throw new AppError("cross_site_request");
}

/** Whether the method changes nothing. */
export const isSafeMethod = (method: string): boolean => SAFE_METHODS.has(method);

function isOwnOrigin(origin: string, host: string | null): boolean {
  const scheme = origin.indexOf("://");
  return scheme > 0 && host !== null && origin.slice(scheme + 3).toLowerCase() === host.toLowerCase();
}
