import { BUILD } from "../lib/build-facts.ts";
import type { Hop, OutboundBody } from "./hop.ts";
import { OutboundError } from "./outcome.ts";
import { parseWebTarget } from "./target.ts";

/** What to send where. */
export interface OutboundRequest {
  /** Absolute, http or https, without user name and password. */
  url: string;
  /** GET unless said. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: OutboundBody;
  /** Names of headers that carry a credential and do not look like it: they never follow a redirect to another origin. */
  credentialHeaders?: readonly string[];
  /** Hands the body over as it arrives, compressed or not; for a proxy. */
  keepEncoding?: boolean;
  /** Requests of one name rest together after failing too often. Whoever asks seldom, or waits longer by itself, needs none. */
  circuit?: string;
  signal?: AbortSignal;
}

/** What an answer may be compressed with; one coding at a time: stacked ones are how bombs are built. */
const ACCEPTED_ENCODINGS = "gzip, deflate, br, zstd";
const MAX_HEADERS = 100;
const MAX_HEADERS_BYTES = 16_384;
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** RFC 9110 §5.5, tab and visible characters; no control, so no second header or request. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The connection's own business: whoever sets them could smuggle a request or name another host. */
const OURS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads a request into its first hop.
 * @throws OutboundError `invalid_request`
 */
export function firstHop(request: OutboundRequest): Hop {
  const target = parseWebTarget(request.url);
  const method = (request.method ?? "GET").toUpperCase();
  if (!METHODS.has(method)) throw invalid(`The method ${method.slice(0, 20)} is not sent.`);
  const headers = new Map<string, string>([
    ["user-agent", `binnacle/${BUILD.version}`],
    ["accept-encoding", request.keepEncoding ? "identity" : ACCEPTED_ENCODINGS],
    ["accept", "*/*"],
  ]);
  let sizeBytes = 0;
  for (const [given, value] of Object.entries(request.headers ?? {})) {
    const name = given.toLowerCase();
    if (!TOKEN.test(name) || !VALUE.test(value))
      throw invalid("A header holds a character that headers cannot.");
    if (OURS.has(name)) throw invalid(`The header ${name} is set by the connection.`);
    sizeBytes += name.length + value.length;
    headers.set(name, value);
  }
  if (headers.size > MAX_HEADERS || sizeBytes > MAX_HEADERS_BYTES) {
    throw invalid(`A request has at most ${MAX_HEADERS} headers of ${MAX_HEADERS_BYTES} bytes together.`);
  }
  return { target, method, headers, body: request.body };
}

const invalid = (message: string): OutboundError => new OutboundError("invalid_request", message);
