import { isIP } from "node:net";
import type { Configuration } from "../../config/configuration.ts";
import type { Settings } from "../../config/schema.ts";
import { AppError } from "../../errors/app-error.ts";
import { CONTROL_ADDRESS, type Exchange } from "../exchange.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

/** Host headers found good, kept so that the next request costs one look-up. */
const MAX_REMEMBERED = 256;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const ANY_ADDRESS = new Set(["0.0.0.0", "::"]);

/**
 * Refuses requests that name a host we do not answer under: a page of another site whose name was made to point at
 * this machine (DNS rebinding) reaches the port, but its browser still sends its own name.
 */
export function hostAllowList(configuration: Configuration): Middleware {
  let remembered = new Set<string>();
  configuration.watch(
    (settings) => settings.server,
    () => {
      remembered = new Set();
    },
  );
  return {
    name: "host",
    priority: PRIORITIES.host,
    before(exchange: Exchange) {
      const { host } = exchange;
      if (host !== null && remembered.has(host)) return undefined;
      if (exchange.principal.kind === "owner" && exchange.clientAddress === CONTROL_ADDRESS) return undefined;
      if (host === null) throw new AppError("invalid_request", "The request has no Host header.");
      if (!isAllowedHost(host, configuration.settings.server)) throw new AppError("host_not_allowed");
      if (remembered.size < MAX_REMEMBERED) remembered.add(host);
      return undefined;
    },
  };
}

/**
 * Whether the server answers under `host` (with or without a port). Loopback names always; the listening address;
 * names of its certificate; `publicUrl` and `allowedHosts`; any IP literal when bound beyond loopback, since rebinding needs a name.
 */
function isAllowedHost(host: string, server: Settings["server"]): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  if (LOOPBACK.test(name) || name === server.host.toLowerCase()) return true;
  if (server.allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return true;
  if (server.tls.acme.domains.some((domain) => domain.toLowerCase() === name)) return true;
  if (server.publicUrl && hostName(new URL(server.publicUrl).host) === name) return true;
  const isBoundBeyondLoopback = ANY_ADDRESS.has(server.host) || !LOOPBACK.test(server.host);
  return isBoundBeyondLoopback && isIP(name) !== 0;
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/;

/** The name without port, brackets and a trailing dot, in lower case; undefined when it is no host. */
function hostName(host: string): string | undefined {
  const parts = HOST.exec(host.toLowerCase());
  const name = parts?.[1] ?? parts?.[2];
  return name?.endsWith(".") ? name.slice(0, -1) : name;
}
