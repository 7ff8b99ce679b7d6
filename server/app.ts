import type { AnyElysia } from "elysia";
import type { Parts } from "./compose.ts";
import { eventRoutes } from "./events/rest.ts";
import { eventSocket } from "./events/socket.ts";
import { loadAssets } from "./http/assets.ts";
import { documentationRoutes } from "./http/documentation.ts";
import { Edge } from "./http/edge.ts";
import type { GraphDoor } from "./http/graphql/door.ts";
import { Listener } from "./http/listener.ts";
import { hasAnonymousViewer } from "./http/middleware/anonymous-viewer.ts";
import { Revocation } from "./http/revocation.ts";
import { Router } from "./http/router.ts";
import { type SocketRoute, Sockets } from "./http/socket.ts";
import { StaticFiles } from "./http/static.ts";
import { incidentRoutes } from "./incidents/rest.ts";
import { BUILD } from "./lib/build-facts.ts";
import { metricRoutes } from "./metrics/rest.ts";
import { outboxRoutes } from "./outbox/rest.ts";
import { secretRoutes } from "./secrets/rest.ts";
import { auditRoutes } from "./security/audit/rest.ts";
import { baseOf, providerRoutes } from "./security/oidc/rest.ts";
import { signOutUrlOf } from "./security/oidc/sign-out.ts";
import { type AccessVerbs, peopleRoutes, sessionRoutes } from "./security/rest.ts";
import { roleRoutes } from "./security/roles/rest.ts";
import { configRoutes, preferenceRoutes } from "./settings/rest.ts";
import { systemRoutes } from "./system/rest.ts";
import { System } from "./system/service.ts";

const CERTIFICATE_INTERVAL_MS = 5_000;
const REVOCATION_INTERVAL_MS = 5_000;
const MS_PER_SECOND = 1_000;

/** Binnacle on the network. */
export interface App {
  /** `http://127.0.0.1:8000`, once started. */
  readonly address: string;
  /** Where people reach it: `server.publicUrl`, else an address that a browser on this machine can open. */
  readonly baseUrl: string;
  readonly port: number;
  /** Of plain HTTP beside HTTPS; undefined when there is none. */
  readonly httpPort: number | undefined;
  /** What is mounted, for tests and printed snapshots. */
  readonly surface: Surface;
  /** Answers a request of the data folder's owner without a network: offline commands. */
  handle(request: Request): Promise<Response>;
  /** Listens. @throws AppError `address_in_use` */
  start(): Promise<void>;
  /** Makes now what is otherwise made at its first use. @throws Error when a field of the graph states no access. */
  prepare(): Promise<void>;
  /** Lets requests under way finish within `server.drainSeconds`, ends sockets and streams, closes. */
  stop(): Promise<void>;
}

/** Everything that can be asked. */
export interface Surface {
  router: Router;
  /** Undefined when GraphQL is switched off. */
  graph: GraphDoor | undefined;
  sockets: Sockets;
  describe: () => Promise<unknown>;
}

/** Joins the parts to their edges: REST, GraphQL, sockets, files. Nothing listens yet. */
export function createApp(parts: Parts): App {
  const { configuration, clock, log, timers, access } = parts;
  const { settings } = configuration;
  const system = new System({ clock, configuration, dataFolder: parts.folder.paths.root });
  const surface = mount(parts, system, () => app.baseUrl);
  const { router, sockets, graph } = surface;
  const revocation = new Revocation(access, graph ? [sockets, graph.streams] : [sockets]);
  const tls = parts.certificate?.files ?? settings.server.tls;
  const edge = new Edge({
    parts,
    router,
    graph,
    sockets,
    challenges: parts.certificate?.challenges,
    httpsPort: () => (tls.certFile === "" ? undefined : listener.port),
  });
  const listener: Listener = new Listener({
    host: settings.server.host,
    port: settings.server.port,
    hasTls: tls.certFile !== "",
    httpPort: settings.server.tls.httpPort,
    controlSocket: parts.folder.paths.controlSocket,
    answer: (request, server, isControl) => edge.answer(request, server, isControl),
    sockets,
    clock,
    log: log.child("http"),
  });
  const app: App = {
    surface,
    get address() {
      return listener.address;
    },
    get baseUrl() {
      return configuration.settings.server.publicUrl || listener.openableAddress;
    },
    get port() {
      return listener.port;
    },
    get httpPort() {
      return listener.httpPort;
    },
    handle: (request) => edge.answerOwner(request),
    async start() {
      edge.files = new StaticFiles(await loadAssets(), settings.features.dashboard);
      timers.every("http.revocation", REVOCATION_INTERVAL_MS, () => revocation.check());
      await startListening(parts, listener);
      system.isReady = true;
    },
    async prepare() {
      const opened = await graph?.open();
      opened?.engine.prepareSchema();
    },
    async stop() {
      system.isReady = false;
      timers.cancel("http.revocation");
      timers.cancel("http.certificates");
      sockets.closeAll();
      graph?.streams.closeAll();
      await listener.stop(settings.server.drainSeconds * MS_PER_SECOND);
    },
  };
  return app;
}

/** Opens the doors; with TLS, looks from then on whether the certificate was exchanged. */
async function startListening(
  { configuration, certificate, timers, clock, log }: Parts,
  listener: Listener,
): Promise<void> {
  const { settings } = configuration;
  if (!settings.dashboard.auth && !hasAnonymousViewer(configuration)) {
    log.warning(
      "dashboard.auth is off, which counts on a loopback address without a proxy only; sign-in stays",
    );
  }
  certificate?.open();
  const tls = certificate?.files ?? settings.server.tls;
  if (tls.certFile === "") return listener.start(undefined);
  const { Certificates } = await import("./http/certificates.ts");
  const certificates = new Certificates(tls, log.child("http"));
  listener.start(certificates.read());
  timers.every("http.certificates", CERTIFICATE_INTERVAL_MS, () => {
    const pair = certificates.readChanged(clock.now());
    if (!pair) return;
    listener.renew(pair);
    log.info("The certificate was exchanged", { validUntil: new Date(pair.validUntil).toISOString() });
  });
}

/** The one list of what each feature shows to the world. */
function mount(parts: Parts, system: System, baseUrl: () => string): Surface {
  const { configuration, answers, metrics, live, liveMetrics, queryCache, secrets, sessionCookie } = parts;
  const publicUrl = () => configuration.settings.server.publicUrl || undefined;
  const access: AccessVerbs = {
    ...parts,
    baseUrl,
    signOutUrl: (voucher, exchange) =>
      signOutUrlOf(voucher, parts.providers, `${baseOf(exchange, publicUrl)}/sign-in`),
  };
  const auditVerbs = { ...parts, retentionDays: () => configuration.settings.audit.retentionDays };
  const { graphql } = parts;
  const verbs = { parts, system, access, audit: auditVerbs };
  // The door only: what lies behind it is evaluated when it opens.
  const graph =
    graphql &&
    new graphql.GraphDoor(async (streams) => (await import("./graph.ts")).openGraph(verbs, streams));
  const socketRoutes: SocketRoute[] = [
    eventSocket(parts),
    ...(live && liveMetrics ? [liveMetrics.liveMetricsSocket(live, configuration)] : []),
    ...(parts.logSystem ? [parts.logSystem.socket()] : []),
    ...(graph ? [graph.socket()] : []),
  ];
  const describe = async () => {
    const { describeApi } = await import("./http/openapi.ts");
    return describeApi(router.app, socketRoutes, {
      version: BUILD.version,
      sessionCookie: sessionCookie.name,
    });
  };
  const rest: AnyElysia[] = [
    systemRoutes(system),
    ...(queryCache ? [queryCache.cacheRoutes(answers)] : []),
    ...(parts.logSystem ? [parts.logSystem.routes()] : []),
    ...(parts.alertSystem ? [parts.alertSystem.routes()] : []),
    ...(parts.profilerSystem ? [parts.profilerSystem.routes()] : []),
    ...(parts.pluginSystem ? [parts.pluginSystem.routes()] : []),
    sessionRoutes(access),
    peopleRoutes(access),
    roleRoutes(parts.roles),
    providerRoutes({ ...parts, publicUrl }),
    auditRoutes(auditVerbs),
    secretRoutes(secrets),
    metricRoutes(metrics),
    eventRoutes(parts),
    incidentRoutes(parts),
    outboxRoutes(parts),
    configRoutes(parts),
    preferenceRoutes(parts),
    documentationRoutes(describe),
    ...(graph ? [graph.routes()] : []),
  ];
  const router = new Router(rest);
  return {
    graph,
    router,
    sockets: new Sockets(socketRoutes, parts.traffic),
    describe,
  };
}
