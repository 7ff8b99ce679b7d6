import type { Outbound } from "../../../outbound/outbound.ts";
import type { ProxyPolicy } from "../../../outbound/policy.ts";
import { parseProxy } from "../../../outbound/proxy.ts";
import { parseTarget } from "../../../outbound/target.ts";
import { assertGranted, type BrowserReach, policyOf } from "./reach.ts";

/**
 * A proxy that the plugin wants between the browser and its pages. It sees every byte, so it has to be one of the
 * granted hosts itself; it is tried once, and pinned to the address that was judged. Names are still resolved here.
 * @throws AppError `permission_denied` when it is not granted, `invalid_configuration`, `outbound_failed` when nobody answers there
 */
export async function upstreamProxy(
  url: string | undefined,
  reach: BrowserReach,
  outbound: Outbound,
  signal: AbortSignal,
): Promise<ProxyPolicy | undefined> {
  if (url === undefined) return undefined;
  const { host, port } = parseProxy(url);
  const policy = policyOf(reach);
  assertGranted(parseTarget(host, port), policy);
  const { socket, address } = await outbound.connect(host, port, { tls: false, signal }, policy);
  socket.destroy();
  const pinned = new URL(url);
  if (address !== undefined) pinned.hostname = address.includes(":") ? `[${address}]` : address;
  return { url: pinned.href, resolves: "here" };
}
