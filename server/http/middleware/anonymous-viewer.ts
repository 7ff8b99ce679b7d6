import type { Configuration } from "../../config/configuration.ts";
import { ANONYMOUS_VIEWER, NOBODY } from "../../security/principal.ts";
import type { Exchange } from "../exchange.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
/** A proxy stands before us: whoever asks is not on this machine. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** Whether the settings let whoever reaches the loopback address see what a viewer sees. */
export function hasAnonymousViewer({ settings: { server, dashboard } }: Configuration): boolean {
  return (
    !dashboard.auth &&
    LOOPBACK_HOST.test(server.host.toLowerCase()) &&
    server.trustedProxies.length === 0 &&
    server.publicUrl === ""
  );
}

/**
 * With `dashboard.auth: false`: nobody is a viewer, on a loopback bind, asked for by a loopback name, and not by way of
 * a proxy. Everything else stays as it is, so that no single setting opens the house to a network.
 */
export function anonymousViewer(configuration: Configuration): Middleware {
  return {
    name: "anonymous-viewer",
    priority: PRIORITIES.anonymousViewer,
    before(exchange) {
      if (exchange.principal !== NOBODY || exchange.refusal) return undefined;
      if (hasAnonymousViewer(configuration) && isLocal(exchange)) exchange.principal = ANONYMOUS_VIEWER;
      return undefined;
    },
  };
}

const isLocal = ({ host, request: { headers } }: Exchange): boolean =>
  host !== null && LOOPBACK_NAME.test(host) && !PROXY_HEADERS.some((name) => headers.has(name));
