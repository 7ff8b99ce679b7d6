import { isIP } from "node:net";
import type { Configuration } from "../config/configuration.ts";
import type { Settings } from "../config/schema.ts";
import { type AddressBlock, blockContains, parseAddress, parseBlock } from "../outbound/ip-address.ts";

/** How a client reached us, as far as the proxies on the way can be believed. */
export interface ClientConnection {
  /** The client's address. */
  address: string;
  isSecure: boolean;
  /** The host that the client asked for, port included; null when none was named. */
  host: string | null;
}

/** One stop on the way, as a proxy wrote it down. */
interface Hop {
  address: string | undefined;
  proto: string | undefined;
  host: string | undefined;
}

/** More hops than any real chain has. */
const MAX_HOPS = 32;
const MAX_HEADER_LENGTH = 4_096;
const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;
/** `192.0.2.1:4711`, `[2001:db8::1]:4711`, `[2001:db8::1]`. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/;
/** RFC 7239 §4: name=token or name="quoted". */
const FORWARDED_PAIR = /\s*([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))\s*(?:;|$)/giy;

/**
 * The proxies whose word on the client counts. Headers are read only from a peer that is one of them, and from right to
 * left: the first address that is not a trusted proxy is the client, because everything left of it could be invented by
 * the client itself. Only the kind of header that the settings name is read: a proxy that writes the one kind passes
 * the other on as the client sent it.
 */
export class TrustedProxies {
  #blocks: readonly AddressBlock[] = [];
  #readsForwarded = false;

  constructor(configuration: Configuration) {
    configuration.watch(
      ({ server }) => [server.trustedProxies, server.forwardedHeader],
      () => this.#adopt(configuration.settings.server),
    );
    this.#adopt(configuration.settings.server);
  }

  /** Whether there are none: then headers are never looked at. */
  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** What the headers of a request say, when `peer` (who is connected to us) may say it; else what is seen. */
  read(headers: Headers, peer: string, seen: Omit<ClientConnection, "address">): ClientConnection {
    const direct = { address: peer, ...seen };
    if (!this.#trusts(peer)) return direct;
    const hops = this.#readsForwarded ? forwardedHops(headers) : xForwardedHops(headers);
    const client = this.#clientAmong(hops);
    if (!client) return direct;
    return {
      address: client.address ?? peer,
      isSecure: client.proto === undefined ? seen.isSecure : client.proto === "https",
      host: client.host ?? seen.host,
    };
  }

  /** The right-most hop that is no trusted proxy; the left-most one when all of them are. */
  #clientAmong(hops: readonly Hop[]): Hop | undefined {
    return hops.findLast(({ address }) => address === undefined || !this.#trusts(address)) ?? hops[0];
  }

  #trusts(text: string): boolean {
    const address = parseAddress(plain(text));
    return address !== undefined && this.#blocks.some((block) => blockContains(block, address));
  }

  #adopt({ trustedProxies, forwardedHeader }: Settings["server"]): void {
    this.#blocks = trustedProxies.flatMap((text) => parseBlock(text) ?? []);
    this.#readsForwarded = forwardedHeader === "forwarded";
  }
}

/**
 * `X-Forwarded-For` with `-Proto` and `-Host` beside it. When a list of those is as long as the addresses, each belongs
 * to its address; else its last entry counts, which the nearest proxy wrote.
 */
function xForwardedHops(headers: Headers): Hop[] {
  const addresses = listOf(headers.get("x-forwarded-for"));
  const protos = listOf(headers.get("x-forwarded-proto"));
  const hosts = listOf(headers.get("x-forwarded-host"));
  const at = (list: readonly string[], index: number) =>
    list.length === addresses.length ? list[index] : list.at(-1);
  return addresses.map((text, index) => ({
    address: addressIn(text),
    proto: at(protos, index)?.toLowerCase(),
    host: at(hosts, index),
  }));
}

/** `Forwarded: for=192.0.2.60;proto=https;host=ops.example.org, for="[2001:db8::1]:80"` */
function forwardedHops(headers: Headers): Hop[] {
  return listOf(headers.get("forwarded")).map((element) => {
    const pairs = new Map(
      [...element.matchAll(FORWARDED_PAIR)].map(([, name = "", quoted, token = ""]) => [
        name.toLowerCase(),
        quoted === undefined ? token : quoted.replace(/\\(.)/g, "$1"),
      ]),
    );
    const whose = pairs.get("for");
    return {
      address: whose === undefined ? undefined : addressIn(whose),
      proto: pairs.get("proto")?.toLowerCase(),
      host: pairs.get("host"),
    };
  });
}

/** The entries of a comma-separated header, commas within quotes left alone; none of an absurd one. */
function listOf(header: string | null): string[] {
  if (header === null || header.length > MAX_HEADER_LENGTH) return [];
  const entries = header.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return entries.slice(-MAX_HOPS).map((entry) => entry.trim());
}

/** An address with or without a port; undefined for `unknown`, an obfuscated name or nonsense. */
function addressIn(text: string): string | undefined {
  const parts = isIP(text) === 0 ? WITH_PORT.exec(text) : null;
  const address = plain(parts?.[1] ?? parts?.[2] ?? text);
  return isIP(address) === 0 ? undefined : address;
}

/** An IPv4 address in the clothes of an IPv6 one, as dual-stack sockets show it, without them. */
const plain = (address: string): string => address.replace(MAPPED_IPV4, "");
