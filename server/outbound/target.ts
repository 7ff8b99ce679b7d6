import { type IpAddress, parseAddress } from "./ip-address.ts";
import { OutboundError } from "./outcome.ts";

/** Where a connection goes, in the one form that is compared and connected to. */
export interface Target {
  /** Lower case, punycode, no trailing dot; an address in its plain form, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The host when it is an address. */
  readonly address: IpAddress | undefined;
}

const MAX_URL_LENGTH = 8_192;
const MAX_HOST_LENGTH = 253;
const MAX_PORT = 65_535;
const NEVER_IN_A_HOST = /[%@/?#]/;
/** Soft hyphen, zero-width and direction marks, line separators, byte order mark: IDNA drops some of them. */
const INVISIBLE: ReadonlySet<number> = new Set([
  0xad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x2060, 0xfeff,
]);
const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** A checked address of a web resource. */
export interface WebTarget extends Target {
  readonly url: URL;
  readonly isSecure: boolean;
}

/**
 * Reads an absolute http or https URL; user name and password, control characters, backslashes, encoded host names
 * and other schemes are refused rather than repaired.
 * @throws OutboundError `invalid_request`
 */
export function parseWebTarget(text: string): WebTarget {
  if (text.length > MAX_URL_LENGTH) throw invalid(`A URL has at most ${MAX_URL_LENGTH} characters.`);
  if (holdsInvisible(text)) throw invalid("The URL holds a space, a backslash or a control character.");
  const url = URL.parse(text);
  if (!url) throw invalid("That is not an absolute URL.");
  if (!(url.protocol in DEFAULT_PORTS))
    throw invalid(`The scheme ${url.protocol} is neither http: nor https:.`);
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1];
  if (!authority) throw invalid("Write the URL with two slashes after the scheme.");
  if (authority.includes("@")) throw invalid("The URL holds a user name or password; send them as a header.");
  if (authority.includes("%")) throw invalid("The host name holds percent-encoding.");
  url.hash = "";
  const { host, address } = normaliseHost(url.hostname);
  url.hostname = address?.family === 6 ? `[${host}]` : host;
  const port = url.port === "" ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port);
  if (port === 0) throw invalid("Port 0 cannot be connected to.");
  return { url, isSecure: url.protocol === "https:", host, port, address };
}

/**
 * Reads a host name or address with its port, as {@link parseWebTarget} would.
 * @throws OutboundError `invalid_request`
 */
export function parseTarget(host: string, port: number): Target {
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    throw invalid(`${port} is not a port from 1 to ${MAX_PORT}.`);
  }
  const isBare = host.includes(":") && !host.startsWith("[");
  if (holdsInvisible(host) || NEVER_IN_A_HOST.test(host) || host.length > MAX_HOST_LENGTH) {
    throw invalid("That is not a host name.");
  }
  const url = URL.parse(`http://${isBare ? `[${host}]` : host}`);
  if (url?.port !== "" || (host.startsWith("[") && !host.endsWith("]")))
    throw invalid("That is not a host name.");
  return { ...normaliseHost(url.hostname), port };
}

/** The URL parser has done case, IDNA and the loose IPv4 forms; the root dot and the brackets are left. */
function normaliseHost(hostname: string): Omit<Target, "port"> {
  const withoutBrackets = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const host = withoutBrackets.endsWith(".") ? withoutBrackets.slice(0, -1) : withoutBrackets;
  const address = parseAddress(host);
  const isName = host !== "" && host.length <= MAX_HOST_LENGTH && host.split(".").every(isLabel);
  if (!address && !isName) throw invalid("That is not a host name.");
  return { host, address };
}

/**
 * Spaces, controls and backslashes: the URL parser strips or rewrites them silently, so what was checked is not what
 * was meant (RFC 3986 has none of them).
 */
function holdsInvisible(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0x20 || (code >= 0x7f && code <= 0xa0) || character === "\\" || INVISIBLE.has(code))
      return true;
  }
  return false;
}

const isLabel = (label: string): boolean => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label);

/** How the target is written in a URL or a Host header. */
export const authorityOf = ({ host, port, address }: Target): string =>
  address?.family === 6 ? `[${host}]:${port}` : `${host}:${port}`;

const invalid = (message: string): OutboundError => new OutboundError("invalid_request", message);
