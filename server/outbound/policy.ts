import { AppError } from "../errors/app-error.ts";
import { ADDRESS_BITS, type AddressBlock, blockContains, type IpAddress, parseBlock } from "./ip-address.ts";
import { OutboundError } from "./outcome.ts";
import { destinationOf, isMetadata, specialPurpose } from "./special-purpose.ts";
import { parseTarget, type Target } from "./target.ts";

/** A forward proxy that a connection goes through. Its own address is taken as it is configured. */
export interface ProxyPolicy {
  /** `http://[user:password@]host:port`. */
  url: string;
  /**
   * `here`: Binnacle resolves, judges the address and asks for a tunnel to that very address.
   * `proxy`: the proxy resolves; only addresses written in the request are judged, the rest is the proxy's to refuse.
   */
  resolves: "here" | "proxy";
}

/** How a policy is written; whatever is left out has a careful default. */
export interface PolicyOptions {
  /** When present, the only places that can be reached: `host` (port 80 or 443) or `host:port`, exactly. */
  only?: readonly string[];
  /**
   * Names (`nas.lan`, `nas.lan:8080`) that may resolve to, and addresses or blocks (`10.0.0.5`, `10.0.0.0/8`) that
   * may be, special addresses. Nothing here opens a metadata address but that address itself.
   */
  allow?: readonly string[];
  /** Special addresses or blocks that may be reached where they are written themselves, not where a name leads to them. */
  allowAsAddress?: readonly string[];
  /** Resolving, connecting and TLS, for each hop. */
  connectTimeoutMs?: number;
  /** From the call to the last byte of the body, redirects included. */
  totalTimeoutMs?: number;
  /** Longest silence on an open connection. */
  idleTimeoutMs?: number;
  /** Of the body, both as it arrives and decompressed. */
  maxResponseBytes?: number;
  /** 0: a redirect is handed back as the answer it is. */
  maxRedirects?: number;
  proxy?: ProxyPolicy;
  tls?: TlsPolicy;
}

/** How the other side's certificate is judged. */
export interface TlsPolicy {
  /** PEM certificates to trust in place of the built-in ones. */
  ca?: string;
  /** Takes any certificate: for a check of a device that has none worth the name. */
  acceptInvalid?: boolean;
}

const DEFAULT_LIMITS = {
  connectTimeoutMs: 10_000,
  totalTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  maxResponseBytes: 10 * 1_024 * 1_024,
  maxRedirects: 5,
} as const;

const MAX_ENTRIES = 1_000;
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443]);
/** RFC 6761 §6.3: these are this machine whatever a resolver says. */
const LOOPBACK_NAME = /(?:^|\.)localhost$/;

interface Place {
  host: string;
  /** Undefined: any. */
  port: number | undefined;
}

/** What one kind of outbound traffic may do, made ready: lists parsed, defaults filled in. Made once, used for every connection of its kind. */
export class OutboundPolicy {
  readonly limits: Required<Pick<PolicyOptions, keyof typeof DEFAULT_LIMITS>>;
  readonly proxy: ProxyPolicy | undefined;
  readonly tls: TlsPolicy;
  readonly #only: readonly Place[] | undefined;
  readonly #names: readonly Place[];
  readonly #blocks: readonly AddressBlock[];
  readonly #asAddress: readonly AddressBlock[];

  /** @throws AppError `invalid_configuration` naming the entry that cannot be read. */
  constructor(options: PolicyOptions = {}) {
    const { only, allow = [], allowAsAddress = [], proxy, tls = {} } = options;
    this.limits = {
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_LIMITS.connectTimeoutMs,
      totalTimeoutMs: options.totalTimeoutMs ?? DEFAULT_LIMITS.totalTimeoutMs,
      idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_LIMITS.idleTimeoutMs,
      maxResponseBytes: options.maxResponseBytes ?? DEFAULT_LIMITS.maxResponseBytes,
      maxRedirects: options.maxRedirects ?? DEFAULT_LIMITS.maxRedirects,
    };
    this.proxy = proxy;
    this.tls = tls;
    if (allow.length + allowAsAddress.length + (only?.length ?? 0) > MAX_ENTRIES) {
      throw new AppError("invalid_configuration", `An outbound policy has at most ${MAX_ENTRIES} entries.`);
    }
    this.#only = only?.map(parsePlace);
    this.#blocks = allow.flatMap((entry) => parseBlock(entry) ?? []);
    this.#asAddress = allowAsAddress.flatMap((entry) => parseBlock(entry) ?? []);
    this.#names = allow.filter((entry) => !parseBlock(entry)).map(parsePlace);
  }

  /** @throws OutboundError `refused_host` when the policy does not name the place, or it is this machine by name. */
  assertHost(target: Target): void {
    if (this.#only && !this.#only.some((place) => isAt(place, target, WEB_PORTS))) {
      throw new OutboundError(
        "refused_host",
        `${target.host}:${target.port} is not among the allowed places.`,
      );
    }
    if (LOOPBACK_NAME.test(target.host) && !this.#namesAllow(target)) {
      throw new OutboundError("refused_host", `${target.host} is this machine, which is not allowed.`);
    }
  }

  /** @throws OutboundError `refused_address` when `address`, which `target` stands for, is special and not allowed. */
  assertAddress(target: Target, address: IpAddress): void {
    const destination = destinationOf(address);
    const purpose = specialPurpose(destination);
    if (purpose === undefined || this.#allows(target, destination)) return;
    // The address itself stays in the policy's hands: a caller who learns it can map the network.
    throw new OutboundError(
      "refused_address",
      `${target.host} leads to an address that is not public (${purpose}).`,
    );
  }

  #allows(target: Target, address: IpAddress): boolean {
    const wholeBits = ADDRESS_BITS[address.family];
    const blocks = target.address ? [...this.#blocks, ...this.#asAddress] : this.#blocks;
    const holds = blocks.filter((block) => blockContains(block, address));
    if (isMetadata(address)) return holds.some((block) => block.prefixLength === wholeBits);
    return holds.length > 0 || this.#namesAllow(target);
  }

  #namesAllow(target: Target): boolean {
    return this.#names.some((place) => isAt(place, target));
  }
}

/** Without a port, a place means `ports`, or any when those are not given. */
function isAt({ host, port }: Place, target: Target, ports?: ReadonlySet<number>): boolean {
  if (host !== target.host) return false;
  return port === undefined ? (ports?.has(target.port) ?? true) : port === target.port;
}

const ANY_PORT = 1;

function parsePlace(entry: string): Place {
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(isBareIpv6(entry) ? `[${entry}]` : entry);
  const [, host = "", port] = match ?? [];
  try {
    const target = parseTarget(host, port === undefined ? ANY_PORT : Number(port));
    return { host: target.host, port: port === undefined ? undefined : target.port };
  } catch (cause) {
    throw new AppError("invalid_configuration", `"${entry}" is neither host, host:port, address nor block.`, {
      cause,
    });
  }
}

const isBareIpv6 = (entry: string): boolean => !entry.startsWith("[") && entry.split(":").length > 2;
