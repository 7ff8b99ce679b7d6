/** The header that the dashboard sends with each change; another site cannot make a browser send it without CORS. */
export const CSRF_HEADER = "x-binnacle-csrf";
const CSRF_VALUE = "1";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request of that method changes nothing. */
export const isSafeMethod = (method: string): boolean => SAFE_METHODS.has(method);

/**
 * Whether a request proves that a page of this very origin made it: the CSRF header, `Sec-Fetch-Site: same-origin`, or
 * an `Origin` equal to `ownOrigin`. A browser's own word that it came from another site outweighs every proof.
 * Demanded of every change that is authorised by a cookie.
 *
 * @param ownOrigin scheme, host and port under which the client reached us, such as `https://ops.example.org`.
 */
export function isSameSiteProof(headers: Headers, ownOrigin: string): boolean {
  const fetchSite = headers.get("sec-fetch-site");
  if (fetchSite === "cross-site" || fetchSite === "same-site") return false;
  if (hasCsrfHeader(headers) || fetchSite === "same-origin") return true;
  return headers.get("origin")?.toLowerCase() === ownOrigin.toLowerCase();
}

/** The one proof that GraphQL mutations by cookie accept. */
export const hasCsrfHeader = (headers: Headers): boolean => headers.get(CSRF_HEADER) === CSRF_VALUE;
