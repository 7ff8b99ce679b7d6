import { isIPv6 } from "node:net";

const GROUPS = 8;
const NETWORK_GROUPS = 4;
const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * What counts as one client for rate limits: an IPv4 address, or the /64 of an IPv6 one, because a subscriber is given
 * a whole /64 and could come from a new address with each request. Anything else stays as it is.
 */
export function networkOf(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped) return mapped;
  const plain = address.split("%", 1)[0] ?? address;
  return isIPv6(plain) ? `${expand(plain).slice(0, NETWORK_GROUPS).join(":")}::/64` : address;
}

/** The eight groups of an IPv6 address without leading zeros; a dotted tail is not needed for the first four. */
function expand(address: string): string[] {
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill("0"), ...right].map((group) => group.replace(/^0+(?=.)/, ""));
}
