import type { Configuration } from "../../config/configuration.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Exchange } from "../exchange.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

const PERMANENT_REDIRECT = 308;
const DEFAULT_HTTPS_PORT = 443;
/** Asked by supervisors on the machine itself; they say only up or not. */
const PROBES = new Set(["/livez", "/readyz", "/api/health"]);
/** Not pages: what calls these must be told, because following a redirect would send credentials in the open first. */
const API_PATH = /^\/(?:api|graphql|metrics|v1)(?:\/|$)/;
/** A year, as browsers ask for; subdomains are not ours to speak for. */
const HSTS = "max-age=31536000";

/**
 * With `server.requireHttps`: pages asked for over plain HTTP are redirected, everything else is refused, and browsers
 * are told to come by HTTPS from now on.
 *
 * @param httpsPort where this process itself answers HTTPS; undefined when a proxy does.
 */
export function requireHttps(configuration: Configuration, httpsPort: () => number | undefined): Middleware {
  return {
    name: "https",
    priority: PRIORITIES.https,
    before(exchange) {
      const { requireHttps: isRequired, publicUrl } = configuration.settings.server;
      if (!isRequired || exchange.isSecure || exchange.principal.kind === "owner") return undefined;
      if (PROBES.has(exchange.path)) return undefined;
      if (!isPage(exchange)) {
        throw new AppError("https_required", `Use https; nothing was done. (${exchange.path})`);
      }
      const base = publicUrl.startsWith("https:") ? publicUrl : `https://${hostOf(exchange, httpsPort())}`;
      return redirect(`${base.replace(/\/$/, "")}${targetOf(exchange.request.url)}`);
    },
    after(exchange, response) {
      const isTold = configuration.settings.server.requireHttps && exchange.isSecure;
      if (isTold) response.headers.set("strict-transport-security", HSTS);
      return response;
    },
  };
}

const isPage = ({ request, path }: Exchange): boolean =>
  (request.method === "GET" || request.method === "HEAD") &&
  !API_PATH.test(path) &&
  !request.headers.has("authorization") &&
  !request.headers.has("upgrade");

/** The name that the client asked for, which is on the allow-list, with the port of our own HTTPS. */
function hostOf({ host }: Exchange, port: number | undefined): string {
  const name = (host ?? "").replace(/:\d+$/, "");
  return port === undefined || port === DEFAULT_HTTPS_PORT ? name : `${name}:${port}`;
}

/** Path and query as they were sent. */
function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

const redirect = (location: string): Response =>
  new Response(null, { status: PERMANENT_REDIRECT, headers: { location, "cache-control": "no-store" } });
