/** An address as a number: `family` tells how many bits of `value` count. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A block of addresses: all that share the first `prefixLength` bits of `base`. */
export interface AddressBlock {
  readonly base: IpAddress;
  readonly prefixLength: number;
}

export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;
const GROUPS = 8;
const GROUP_BITS = 16n;
const OCTET_BITS = 8n;
const GROUP = /^[0-9a-f]{1,4}$/i;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const MAX_OCTET = 255;
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/**
 * Reads an address in its plain form: dotted decimal without leading zeros, or RFC 4291 §2.2 text, in brackets or not.
 * Undefined for everything else, zone ids included: the loose IPv4 forms are turned into this one by the URL parser.
 */
export function parseAddress(text: string): IpAddress | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const value = bare.includes(":") ? ipv6Value(bare) : undefined;
  if (value !== undefined) return { family: 6, value };
  const dotted = ipv4Value(bare);
  return dotted === undefined ? undefined : { family: 4, value: dotted };
}

/** Reads `10.0.0.0/8`, `fd00::/8`, or a single address. Undefined when it is none, or bits stand below the prefix. */
export function parseBlock(text: string): AddressBlock | undefined {
  const [address = "", prefix, ...rest] = text.split("/");
  const base = parseAddress(address);
  if (!base || rest.length > 0) return undefined;
  const bits = ADDRESS_BITS[base.family];
  if (prefix === undefined) return { base, prefixLength: bits };
  if (!PREFIX.test(prefix) || Number(prefix) > bits) return undefined;
  const block = { base, prefixLength: Number(prefix) };
  const hostBits = (1n << BigInt(bits - block.prefixLength)) - 1n;
  return (base.value & hostBits) === 0n ? block : undefined;
}

/** Whether `address` lies in `block`; never across families. */
export function blockContains({ base, prefixLength }: AddressBlock, address: IpAddress): boolean {
  if (base.family !== address.family) return false;
  const shift = BigInt(ADDRESS_BITS[base.family] - prefixLength);
  return base.value >> shift === address.value >> shift;
}

/** The low 32 bits of an IPv6 address as the IPv4 address they carry. */
export const embeddedIpv4 = ({ value }: IpAddress): IpAddress => ({ family: 4, value: value & 0xffff_ffffn });

/** The address as text; IPv6 in full groups, which every parser reads. */
export function formatAddress({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  return Array.from({ length: GROUPS }, (_, index) =>
    ((value >> (GROUP_BITS * BigInt(GROUPS - 1 - index))) & 0xffffn).toString(16),
  ).join(":");
}

function ipv4Value(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > MAX_OCTET) return undefined;
    value = (value << OCTET_BITS) | BigInt(octet);
  }
  return value;
}

function ipv6Value(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map(groupsOf);
  if (!left) return undefined;
  if (halves.length === 1) return left.length === GROUPS ? join(left) : undefined;
  if (!right || left.length + right.length >= GROUPS) return undefined;
  return join([...left, ...new Array<number>(GROUPS - left.length - right.length).fill(0), ...right]);
}

/** The groups of one side of `::`; an IPv4 tail counts as two. Undefined when one is malformed. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const tail = part.includes(".") && index === parts.length - 1 ? ipv4Value(part) : undefined;
    if (tail !== undefined) groups.push(Number(tail >> GROUP_BITS), Number(tail & 0xffffn));
    else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

const join = (groups: readonly number[]): bigint =>
  groups.reduce((value, group) => (value << GROUP_BITS) | BigInt(group), 0n);
