import { AppError } from "../errors/app-error.ts";
import type { RequestTrace } from "../lib/tracing.ts";
import { NOBODY, type Principal } from "../security/principal.ts";

/** Runs the resolver of a field and tells how long it took. @param name `Query.users` */
export type FieldTimer = <T>(name: string, work: () => T) => T;

/** What carries requests: tells the client's address. */
export interface Carrier {
  requestIP(request: Request): { address: string } | null;
}

interface ExchangeOptions {
  request: Request;
  correlationId: string;
  traceId?: string | undefined;
  trace?: RequestTrace | undefined;
  carrier: Carrier;
  startedAtMs: number;
  isSecure: boolean;
  /** The host that the client asked for, proxies considered; what the request says unless given. */
  host?: string | null;
  /** The client's address where a trusted proxy told it; the peer's unless given. */
  clientAddress?: string;
  bodyLimitBytes: number;
  /** Takes secrets out of a text that is about to leave. */
  scrub?: (text: string) => string;
  /** Who the transport itself vouches for: the owner on the control socket. */
  principal?: Principal;
}

/** The address of whoever comes by the control socket. */
export const CONTROL_ADDRESS = "control";

/** What the pipeline knows of a request, beside the request itself. */
export class Exchange {
  readonly request: Request;
  /** Given by the caller or made; in every log line, answer and error. */
  readonly correlationId: string;
  /** W3C trace id: of the caller's trace, or of the one that begins here; undefined when there is neither. */
  readonly traceId: string | undefined;
  /** There when this request is looked at closely. */
  readonly trace: RequestTrace | undefined;
  /** Path of the URL, as sent: percent-encoding is left in place. */
  readonly path: string;
  /** Whether the client's own connection is encrypted, proxies considered. */
  readonly isSecure: boolean;
  /** The host that the client asked for, port included. */
  readonly host: string | null;
  /** Largest body that is read. */
  readonly bodyLimitBytes: number;
  /** Takes secrets out of a text that is about to leave. */
  readonly scrub: (text: string) => string;
  /** Monotonic milliseconds at which the request came in. */
  readonly startedAtMs: number;
  /** Set once by authentication, before any handler runs. */
  principal: Principal;
  /** A page of another origin asks, and the settings allow it. */
  crossOrigin: { origin: string; hasCredentials: boolean } | undefined;
  /** Pattern of the route that was reached: `/api/v3/users/:id`; undefined when none was. */
  route: string | undefined;
  /** Name of the GraphQL operation that was asked for, once it is known to be sound. */
  graphOperation: string | undefined;
  /** Times the resolvers of the GraphQL operation; there when this request is looked at closely. */
  timeField: FieldTimer | undefined;
  /** It reached a route that may change something. */
  isChange = false;
  /** The browser holds a session cookie that is worth nothing: the answer clears it. */
  hasStaleCookie = false;
  /** `Set-Cookie` values that the answer carries. */
  readonly cookies: string[] = [];
  /** Why the credentials that came along were refused; thrown once the request is counted. */
  refusal: AppError | undefined;
  /** The error that is being answered, once there is one: for the log and the statistics. */
  error: AppError | undefined;
  readonly #carrier: Carrier;
  #clientAddress: string | undefined;

  constructor(options: ExchangeOptions) {
    this.request = options.request;
    this.correlationId = options.correlationId;
    this.traceId = options.traceId;
    this.trace = options.trace;
    this.path = pathOf(options.request.url);
    this.isSecure = options.isSecure;
    this.host = options.host === undefined ? options.request.headers.get("host") : options.host;
    this.#clientAddress = options.clientAddress;
    this.bodyLimitBytes = options.bodyLimitBytes;
    this.startedAtMs = options.startedAtMs;
    this.scrub = options.scrub ?? asItIs;
    this.principal = options.principal ?? NOBODY;
    this.#carrier = options.carrier;
  }

  /**
   * The same caller asking once more over the connection that this request opened, with errors and times of its own.
   * @param trace there when what is asked is looked at closely
   */
  again(trace: RequestTrace | undefined): Exchange {
    const { request, correlationId, isSecure, host, bodyLimitBytes, scrub, principal, clientAddress } = this;
    const asked = new Exchange({
      ...{ request, correlationId, isSecure, host, bodyLimitBytes, scrub, principal, clientAddress },
      traceId: trace?.traceId,
      trace,
      carrier: this.#carrier,
      startedAtMs: this.startedAtMs,
    });
    asked.crossOrigin = this.crossOrigin;
    asked.route = this.route;
    return asked;
  }

  /** Scheme, host and port under which the client reached us. */
  get origin(): string {
    return `${this.isSecure ? "https" : "http"}://${(this.host ?? "").toLowerCase()}`;
  }

  /** The client's address; {@link CONTROL_ADDRESS} on the control socket. */
  get clientAddress(): string {
    this.#clientAddress ??= this.#carrier.requestIP(this.request)?.address ?? CONTROL_ADDRESS;
    return this.#clientAddress;
  }
}

const asItIs = (text: string): string => text;

const exchanges = new WeakMap<Request, Exchange>();

/** What takes secrets out of the answer to `request`; nothing does beside the pipeline. */
export const scrubberOf = (request: Request): ((text: string) => string) =>
  exchanges.get(request)?.scrub ?? asItIs;

/** Joins a request with what the pipeline knows of it; a request derived from it (HEAD as GET) can be joined too. */
export function attachExchange(exchange: Exchange, request: Request = exchange.request): void {
  exchanges.set(request, exchange);
}

/** What the pipeline knows of `request`. @throws AppError `internal` outside the pipeline. */
export function exchangeOf(request: Request): Exchange {
  const exchange = exchanges.get(request);
  if (!exchange) throw new AppError("internal", "A request reached a handler beside the pipeline.");
  return exchange;
}

const SCHEME_LENGTH = "https://".length;

/** The path of an absolute URL without parsing the rest: this runs on every request. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", SCHEME_LENGTH);
  if (start < 0) return "/";
  const end = url.indexOf("?", start);
  return end < 0 ? url.slice(start) : url.slice(start, end);
}
