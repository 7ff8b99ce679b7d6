/** A block with a purpose of its own. */
export interface SpecialBlock {
  block: string;
  purpose: string;
  /** Whether packets to it may leave for the Internet: "Globally Reachable" of the registry. */
  isGlobal: boolean;
}

const closed = (block: string, purpose: string): SpecialBlock => ({ block, purpose, isGlobal: false });
const open = (block: string, purpose: string): SpecialBlock => ({ block, purpose, isGlobal: true });

/**
 * The IANA IPv4 Special-Purpose Address Registry in full, and multicast (RFC 5771). The longest match decides.
 * Blocks that were taken back (the 6to4 relay anycast) stay refused: nothing is served there.
 */
export const SPECIAL_IPV4: readonly SpecialBlock[] = [
  closed("0.0.0.0/8", "this network"),
  closed("10.0.0.0/8", "private use"),
  closed("100.64.0.0/10", "shared address space"),
  closed("127.0.0.0/8", "loopback"),
  closed("169.254.0.0/16", "link local"),
  closed("172.16.0.0/12", "private use"),
  closed("192.0.0.0/24", "IETF protocol assignments"),
  open("192.0.0.9/32", "port control protocol anycast"),
  open("192.0.0.10/32", "TURN anycast"),
  closed("192.0.2.0/24", "documentation"),
  open("192.31.196.0/24", "AS112"),
  open("192.52.193.0/24", "AMT"),
  closed("192.88.99.0/24", "6to4 relay anycast, withdrawn"),
  closed("192.168.0.0/16", "private use"),
  open("192.175.48.0/24", "AS112 delegation"),
  closed("198.18.0.0/15", "benchmarking"),
  closed("198.51.100.0/24", "documentation"),
  closed("203.0.113.0/24", "documentation"),
  closed("224.0.0.0/4", "multicast"),
  closed("240.0.0.0/4", "reserved"),
  closed("255.255.255.255/32", "limited broadcast"),
];

/**
 * The IANA IPv6 Special-Purpose Address Registry in full, multicast and site-local. The longest match decides.
 * `::/0` stands for what is not handed out yet: only 2000::/3 is global unicast space.
 */
export const SPECIAL_IPV6: readonly SpecialBlock[] = [
  closed("::/0", "not global unicast space"),
  open("2000::/3", "global unicast"),
  closed("::1/128", "loopback"),
  closed("::/128", "unspecified"),
  closed("::/96", "IPv4-compatible, withdrawn"),
  closed("64:ff9b:1::/48", "local-use translation"),
  closed("100::/64", "discard only"),
  closed("100:0:0:1::/64", "dummy prefix"),
  closed("2001::/23", "IETF protocol assignments"),
  closed("2001::/32", "Teredo"),
  open("2001:1::1/128", "port control protocol anycast"),
  open("2001:1::2/128", "TURN anycast"),
  open("2001:1::3/128", "DNS-SD service registration anycast"),
  closed("2001:2::/48", "benchmarking"),
  open("2001:3::/32", "AMT"),
  open("2001:4:112::/48", "AS112"),
  closed("2001:10::/28", "ORCHID, withdrawn"),
  open("2001:20::/28", "ORCHIDv2"),
  open("2001:30::/28", "drone remote identification"),
  closed("2001:db8::/32", "documentation"),
  closed("2002::/16", "6to4"),
  open("2620:4f:8000::/48", "AS112 delegation"),
  closed("3fff::/20", "documentation"),
  closed("5f00::/16", "segment routing identifiers"),
  closed("fc00::/7", "unique local"),
  closed("fe80::/10", "link local"),
  closed("fec0::/10", "site local, withdrawn"),
  closed("ff00::/8", "multicast"),
];

/**
 * Addresses that give credentials to whoever asks. An allowance opens one only when it names exactly that address:
 * `10.0.0.0/8`, a name or even `0.0.0.0/0` is not meant for them.
 */
export const METADATA_ADDRESSES: readonly string[] = [
  "169.254.169.254", // AWS, Azure, Google Cloud, DigitalOcean, OpenStack, Oracle
  "169.254.169.253", // AWS resolver
  "169.254.169.123", // AWS time
  "169.254.170.2", // AWS container credentials
  "169.254.170.23", // AWS pod identity
  "169.254.0.23", // Tencent
  "100.100.100.200", // Alibaba
  "168.63.129.16", // Azure host agent: looks like any global address
  "192.0.0.192", // Oracle classic
  "fd00:ec2::254", // AWS
  "fd00:ec2::23", // AWS pod identity
  "fd20:ce::254", // Google Cloud
  "fe80::a9fe:a9fe", // OpenStack
];

/** IPv6 blocks whose addresses stand for an IPv4 address in their last 32 bits, which is judged in their place. */
export const CARRIES_IPV4 = {
  /** The kernel connects to the IPv4 address (RFC 4291 §2.5.5.2). */
  mapped: "::ffff:0:0/96",
  /** A translator connects to it (RFC 6052). */
  translated: "64:ff9b::/96",
} as const;
