import {
  type AddressBlock,
  blockContains,
  embeddedIpv4,
  type IpAddress,
  parseAddress,
  parseBlock,
} from "./ip-address.ts";
import {
  CARRIES_IPV4,
  METADATA_ADDRESSES,
  SPECIAL_IPV4,
  SPECIAL_IPV6,
  type SpecialBlock,
} from "./special-addresses.ts";

/** An address is refused for this purpose of its block; undefined when packets to it leave for the Internet. */
export type Purpose = string | undefined;

interface Entry extends SpecialBlock {
  parsed: AddressBlock;
}

const ENTRIES: Record<4 | 6, readonly Entry[]> = { 4: entriesOf(SPECIAL_IPV4), 6: entriesOf(SPECIAL_IPV6) };
const METADATA: readonly IpAddress[] = METADATA_ADDRESSES.map(addressOf);
const MAPPED = blockOf(CARRIES_IPV4.mapped);
const TRANSLATED = blockOf(CARRIES_IPV4.translated);

/** Whether this is an IPv4 address in IPv6 clothes: the kernel connects to the IPv4 one. */
export const isMapped = (address: IpAddress): boolean => blockContains(MAPPED, address);

/** The address that a connection to `address` ends at: the IPv4 one behind an IPv4-mapped or translated IPv6 address. */
export function destinationOf(address: IpAddress): IpAddress {
  const isCarrier = isMapped(address) || blockContains(TRANSLATED, address);
  return isCarrier ? embeddedIpv4(address) : address;
}

/** Why `address` is not one of the public Internet; undefined when it is. Judge {@link destinationOf} it. */
export function specialPurpose(address: IpAddress): Purpose {
  if (isMetadata(address)) return "cloud metadata";
  // Entries are sorted by prefix length, so the first match is the longest.
  const entry = ENTRIES[address.family].find(({ parsed }) => blockContains(parsed, address));
  return entry && !entry.isGlobal ? entry.purpose : undefined;
}

/** Whether the address is one of the credential givers that only an exact allowance opens. */
export const isMetadata = (address: IpAddress): boolean => METADATA.some((known) => same(known, address));

/** Whether two addresses are one. */
export const same = (a: IpAddress, b: IpAddress): boolean => a.family === b.family && a.value === b.value;

function entriesOf(blocks: readonly SpecialBlock[]): Entry[] {
  return blocks
    .map((special) => ({ ...special, parsed: blockOf(special.block) }))
    .sort((a, b) => b.parsed.prefixLength - a.parsed.prefixLength);
}

function blockOf(text: string): AddressBlock {
  const block = parseBlock(text);
  if (!block) throw new Error(`${text} in the table of special addresses is not a block.`);
  return block;
}

function addressOf(text: string): IpAddress {
  const address = parseAddress(text);
  if (!address) throw new Error(`${text} in the table of metadata addresses is not an address.`);
  return address;
}
