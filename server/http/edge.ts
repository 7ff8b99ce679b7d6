import type { Server } from "bun";
import type { Cache } from "../cache/cache.ts";
import type { Configuration } from "../config/configuration.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import type { Incidents } from "../incidents/service.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { Probe } from "../lib/probe.ts";
import { readTraceParent } from "../lib/tracing.ts";
import type { Logger } from "../logs/logger.ts";
import type { RequestSteps } from "../plugins/middleware/request-steps.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Access } from "../security/access.ts";
import type { Audit } from "../security/audit.ts";
import type { DeviceCookies } from "../security/device-cookie.ts";
import { NOBODY, OWNER, type Principal, principalName } from "../security/principal.ts";
import type { RateLimits } from "../security/rate-limits.ts";
import { isSafeMethod } from "../security/same-site.ts";
import type { SessionCookie } from "../security/session-cookie.ts";
import { type Carrier, Exchange } from "./exchange.ts";
import { TrustedProxies } from "./forwarded.ts";
import type { GraphDoor, OpenGraph } from "./graphql/door.ts";
import { GRAPHQL_PATH } from "./graphql/path.ts";
import { anonymousViewer } from "./middleware/anonymous-viewer.ts";
import { authentication, refuseBadCredentials } from "./middleware/authentication.ts";
import { cors } from "./middleware/cors.ts";
import { answerHeaders } from "./middleware/headers.ts";
import { hostAllowList } from "./middleware/host.ts";
import { requireHttps } from "./middleware/https.ts";
import { pluginSteps } from "./middleware/plugin-steps.ts";
import { rateLimit } from "./middleware/rate-limit.ts";
import { redaction } from "./middleware/redaction.ts";
import { sameSite } from "./middleware/same-site.ts";
import { sizeLimit } from "./middleware/size.ts";
import { soundTarget } from "./middleware/target.ts";
import { endTrace, observeExchange } from "./observe-exchange.ts";
import { type ExchangeEnd, type MaybePromise, Pipeline } from "./pipeline.ts";
import type { Router } from "./router.ts";
import type { Sockets, SocketTicket } from "./socket.ts";
import { StaticFiles } from "./static.ts";
import type { Traffic } from "./traffic.ts";

/** What the edge takes of the parts. */
interface EdgeParts {
  configuration: Configuration;
  clock: Clock;
  log: Logger;
  access: Access;
  audit: Audit;
  rateLimits: RateLimits;
  deviceCookies: DeviceCookies;
  sessionCookie: SessionCookie;
  traffic: Traffic;
  probe: Probe;
  answers: Pick<Cache<string>, "clear">;
  redactor: Redactor;
  incidents: Pick<Incidents, "record" | "countAnswer">;
  /** Undefined when plugins are switched off. */
  pluginSystem: { steps: RequestSteps } | undefined;
}

interface EdgeOptions {
  parts: EdgeParts;
  router: Router;
  /** Undefined when GraphQL is switched off. */
  graph: GraphDoor | undefined;
  sockets: Sockets;
  /** What a certificate authority asks for; undefined when there is none. */
  challenges: { find(url: string): string | undefined } | undefined;
  /** Where this process answers HTTPS itself; undefined when it does not. */
  httpsPort: () => number | undefined;
}

type HttpServer = Server<SocketTicket>;

const CORRELATION_ID = /^[A-Za-z0-9._-]{1,128}$/;
const NO_CARRIER: Carrier = { requestIP: () => null };

/** Where requests come in: makes the exchange, runs the pipeline, and chooses who answers. */
export class Edge {
  readonly #options: EdgeOptions;
  readonly #pipeline: Pipeline;
  readonly #proxies: TrustedProxies;
  /** The server behind each exchange that may still become a socket. */
  readonly #servers = new WeakMap<Exchange, HttpServer>();
  files = new StaticFiles(new Map(), false);

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { parts, router, httpsPort } = options;
    this.#proxies = new TrustedProxies(parts.configuration);
    this.#pipeline = new Pipeline({
      middleware: [
        hostAllowList(parts.configuration),
        requireHttps(parts.configuration, httpsPort),
        soundTarget,
        sizeLimit,
        cors(parts.configuration, (path) => router.allowedMethods(path)),
        authentication(parts.access),
        anonymousViewer(parts.configuration),
        sameSite,
        rateLimit(parts.rateLimits, parts.deviceCookies),
        refuseBadCredentials,
        ...(parts.pluginSystem ? [pluginSteps(parts.pluginSystem.steps)] : []),
        redaction(parts.redactor),
        answerHeaders(parts.sessionCookie),
      ],
      handler: (exchange) => this.#route(exchange),
      log: parts.log.child("http"),
      monotonicMs: () => parts.clock.monotonic(),
      onEnd: (end) => this.#end(end),
    });
  }

  /** Answers what came by a listener; undefined when the connection became a socket. */
  answer(request: Request, server: HttpServer, isControl: boolean): Promise<Response | undefined> {
    // Before anything has a say: the authority knows neither hosts nor limits, and asks over plain HTTP.
    const proof = this.#options.challenges?.find(request.url);
    if (proof !== undefined)
      return Promise.resolve(new Response(proof, { headers: { "content-type": "text/plain" } }));
    const exchange = this.#exchange(request, server, isControl ? OWNER : NOBODY);
    if (request.headers.has("upgrade")) this.#servers.set(exchange, server);
    return this.#pipeline.handle(exchange);
  }

  /** Answers the data folder's owner without a network. */
  async answerOwner(request: Request): Promise<Response> {
    const response = await this.#pipeline.handle(this.#exchange(request, NO_CARRIER, OWNER));
    return response ?? new Response(null);
  }

  #exchange(request: Request, carrier: Carrier, principal: Principal): Exchange {
    const { clock, configuration, probe } = this.#options.parts;
    const { server } = configuration.settings;
    const parent = readTraceParent(request.headers.get("traceparent"));
    const trace = probe.tracer?.begin(parent);
    const connection = this.#connection(
      request,
      principal === OWNER ? NO_CARRIER : carrier,
      server.publicUrl,
    );
    return new Exchange({
      ...connection,
      request,
      correlationId: correlationIdOf(request.headers, parent?.traceId),
      traceId: parent?.traceId ?? trace?.traceId,
      trace,
      carrier: principal === OWNER ? NO_CARRIER : carrier,
      startedAtMs: clock.monotonic(),
      bodyLimitBytes: this.#options.router.bodyLimitOf(request) ?? server.bodyLimitBytes,
      scrub: this.#options.parts.redactor.scrub,
      principal,
    });
  }

  /**
   * How the client reached us. Without trusted proxies, a request for the host of an https `publicUrl` counts as
   * secure, since only a proxy that was not named can have brought it.
   */
  #connection(request: Request, carrier: Carrier, publicUrl: string) {
    const host = request.headers.get("host");
    const isTls = request.url.startsWith("https:");
    if (this.#proxies.isEmpty) {
      return { host, isSecure: isTls || (publicUrl.startsWith("https:") && isPublicHost(host, publicUrl)) };
    }
    const peer = carrier.requestIP(request)?.address;
    if (peer === undefined) return { host, isSecure: isTls };
    const { address, ...seen } = this.#proxies.read(request.headers, peer, { host, isSecure: isTls });
    return { ...seen, clientAddress: address };
  }

  #route(exchange: Exchange): MaybePromise<Response | undefined> {
    const { router, graph } = this.#options;
    const { request, path } = exchange;
    if (path === GRAPHQL_PATH && graph) {
      if (graph.opened) return this.#askGraph(graph.opened, exchange);
      return graph.open().then((opened) => this.#askGraph(opened, exchange));
    }
    if (this.#isUpgrade(exchange)) return this.#upgrade(exchange);
    if (request.method === "GET" || request.method === "HEAD") {
      const asset = this.files.find(path);
      if (asset) return this.files.send(asset, exchange);
      const page = this.files.findPage(exchange);
      if (page && !router.knows(path)) return this.files.send(page, exchange);
    }
    exchange.isChange = !isSafeMethod(request.method) && path !== GRAPHQL_PATH;
    return router.handle(exchange);
  }

  #askGraph({ endpoint }: OpenGraph, exchange: Exchange): MaybePromise<Response | undefined> {
    if (this.#isUpgrade(exchange)) return this.#upgrade(exchange);
    const isShort = endpoint.accepts(exchange.request);
    return isShort ? endpoint.handle(exchange) : this.#options.router.handle(exchange);
  }

  #isUpgrade(exchange: Exchange): boolean {
    return this.#servers.has(exchange) && this.#options.sockets.find(exchange) !== undefined;
  }

  #upgrade(exchange: Exchange): undefined {
    const { sockets } = this.#options;
    const [route, server] = [sockets.find(exchange), this.#servers.get(exchange)];
    if (route && server) sockets.upgrade(route, exchange, server);
  }

  #end(end: ExchangeEnd): void {
    const { exchange, durationMs } = end;
    const { traffic, audit, answers, probe } = this.#options.parts;
    traffic.record(durationMs);
    if (probe.observer) observeExchange(probe.observer, end);
    if (probe.tracer) endTrace(probe.tracer, end);
    this.#tellErrorCentre(exchange);
    // Whoever has the answer to a change must not be given, from the cache, what was true before it. What a change
    // reaches is not known here, so everything goes: changes are rare.
    if (exchange.isChange) answers.clear();
    if (exchange.error?.kind === "forbidden") {
      const target = `${exchange.request.method} ${exchange.path}`;
      audit.recordRefusal(exchange, {
        action: "request.refuse",
        target,
        detail: { code: exchange.error.code },
      });
    }
  }

  #tellErrorCentre(exchange: Exchange): void {
    const { incidents } = this.#options.parts;
    const { error, correlationId, principal, path, request } = exchange;
    const isFault = error !== undefined && FAULTS.has(error.kind);
    incidents.countAnswer(isFault ? undefined : error?.code);
    if (!isFault) return;
    const where = `${request.method} ${path}`;
    incidents.record(error, { where, correlationId, principal: principalName(principal) });
  }
}

/** Faults of the server are kept as incidents; what a caller did wrong is only counted. */
const FAULTS: ReadonlySet<ErrorKind> = new Set(["internal", "unavailable"]);

/** What the caller says, else the trace that the caller says the request belongs to. */
function correlationIdOf(headers: Headers, traceId: string | undefined): string {
  const given = headers.get("x-correlation-id");
  if (given !== null && CORRELATION_ID.test(given)) return given;
  return traceId ?? newId();
}

const isPublicHost = (host: string | null, publicUrl: string): boolean =>
  host?.toLowerCase() === new URL(publicUrl).host;
