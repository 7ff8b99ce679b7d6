import { AppError } from "../../../errors/app-error.ts";
import { parseBlock } from "../../../outbound/ip-address.ts";
import { OutboundPolicy, type ProxyPolicy } from "../../../outbound/policy.ts";
import { parseTarget, parseWebTarget, type Target } from "../../../outbound/target.ts";

/** Where a browser may go. */
export interface BrowserReach {
  /** `host` (ports 80 and 443) or `host:port`, exact, as the grants have them. */
  hosts: readonly string[];
  /** Those of them that may resolve to private addresses. A literal address or `localhost` is named already. */
  privateHosts?: readonly string[];
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A page may hold a socket open that says little. */
const IDLE_TIMEOUT_MS = 60_000;

/**
 * The policy of every connection that a browser opens.
 * @throws AppError `invalid_configuration` naming a host that cannot be read
 */
export function policyOf({ hosts, privateHosts = [] }: BrowserReach, proxy?: ProxyPolicy): OutboundPolicy {
  const near = [...privateHosts, ...hosts.filter(namesAnAddress)];
  return new OutboundPolicy({
    only: hosts,
    allow: near.filter((entry) => !parseBlock(entry)),
    // Granted as an address, not to whatever name is made to lead there.
    allowAsAddress: near.filter((entry) => parseBlock(entry) !== undefined),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    ...(proxy ? { proxy } : {}),
  });
}

/**
 * The address of a page that may be opened, in its normal form.
 * @throws AppError `invalid_request`, `permission_denied` for another scheme or host, `outbound_refused` when it is no URL
 */
export function pageAddress(text: unknown, policy: OutboundPolicy): string {
  if (typeof text !== "string") throw new AppError("invalid_request", "The address of a page is a text.");
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== "http" && scheme !== "https") {
    throw new AppError(
      "permission_denied",
      "The browser opens addresses that begin with http: or https: only.",
    );
  }
  const hash = text.includes("#") ? text.slice(text.indexOf("#")) : "";
  const target = parseWebTarget(text);
  assertGranted(target, policy);
  return target.url.href + hash;
}

/** @throws AppError `permission_denied` when no grant names the host and port */
export function assertGranted(target: Target, policy: OutboundPolicy): void {
  try {
    policy.assertHost(target);
  } catch (cause) {
    throw new AppError(
      "permission_denied",
      `${target.host}:${target.port} is not among the hosts of the browser permission.`,
      {
        cause,
      },
    );
  }
}

/** `localhost`, `127.0.0.1:8080`, `[::1]`: whoever writes these means a machine near by. */
function namesAnAddress(entry: string): boolean {
  const [, host = ""] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(entry) ?? [undefined, entry];
  const { host: name, address } = parseTarget(host, 1);
  return address !== undefined || /(?:^|\.)localhost$/.test(name);
}
