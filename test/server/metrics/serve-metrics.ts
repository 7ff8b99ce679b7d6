import type { ServerWebSocket } from "bun";
import { SAMPLES_MIGRATIONS } from "../../../schema/migrations/samples/index.ts";
import { Configuration } from "../../../server/config/configuration.ts";
import { Database } from "../../../server/database/database.ts";
import { toAppError } from "../../../server/errors/app-error.ts";
import { attachExchange, Exchange } from "../../../server/http/exchange.ts";
import { answerProblem } from "../../../server/http/problem.ts";
import { Router } from "../../../server/http/router.ts";
import { Sockets, type SocketTicket } from "../../../server/http/socket.ts";
import { Traffic } from "../../../server/http/traffic.ts";
import type { Clock } from "../../../server/lib/clock.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import type { Collector, Measurement } from "../../../server/metrics/collect/collector.ts";
import type { ProcessCollector } from "../../../server/metrics/collect/processes/process-collector.ts";
import { LiveMetrics } from "../../../server/metrics/live.ts";
import { metricRoutes } from "../../../server/metrics/rest.ts";
import { type CollectorSet, Sampler } from "../../../server/metrics/sampler.ts";
import { defineSeries, type SeriesDefinition } from "../../../server/metrics/series.ts";
import { Metrics } from "../../../server/metrics/service.ts";
import { liveMetricsSocket } from "../../../server/metrics/socket.ts";
import { SAMPLES_FILE, SampleStore } from "../../../server/metrics/store.ts";
import { Timers } from "../../../server/scheduler/timers.ts";
import { NOBODY, OWNER, type Principal } from "../../../server/security/principal.ts";
import { TempFolder } from "../../support/temp-folder.ts";

/** Header by which a test says who asks; the owner unless said. */
const AS = "x-test-as";
const VIEWER: Principal = {
  kind: "token",
  scopes: ["metrics:read"],
  userId: "u1",
  userName: "viewer",
  tokenId: "t1",
};
const STRANGER: Principal = { ...VIEWER, scopes: ["system:read"], tokenId: "t2" };
const PRINCIPALS: Readonly<Record<string, Principal>> = {
  nobody: NOBODY,
  stranger: STRANGER,
  viewer: VIEWER,
};

interface Options {
  clock: Clock;
  machine: CollectorSet;
  processes?: ProcessCollector | undefined;
  settings?: Readonly<Record<string, unknown>>;
}

/** The metrics feature with everything real beneath it, served on a free port; only authentication is left out. */
export async function serveMetrics({ clock, machine, processes, settings = {} }: Options) {
  const folder = new TempFolder();
  const database = Database.open({
    path: folder.file("samples.db"),
    migrations: SAMPLES_MIGRATIONS,
    ...SAMPLES_FILE,
  });
  const configuration = new Configuration([{ origin: "test", values: new Map(Object.entries(settings)) }]);
  const timers = new Timers(clock, silentLogger);
  const store = SampleStore.open({ database, clock, log: silentLogger });
  const sampler = new Sampler({ clock, timers, configuration, log: silentLogger, machine, store });
  const live = new LiveMetrics({ clock, configuration, samples: sampler });
  const metrics = new Metrics({ clock, configuration, samples: sampler, live, store, processes });
  const router = new Router([metricRoutes(metrics)]);
  const sockets = new Sockets([liveMetricsSocket(live, configuration)], new Traffic());
  const open = new Set<ServerWebSocket<SocketTicket>>();
  const { handler } = sockets;
  const websocket: typeof handler = {
    ...handler,
    open(socket) {
      open.add(socket);
      return handler.open?.(socket);
    },
    close(socket, code, reason) {
      open.delete(socket);
      return handler.close?.(socket, code, reason);
    },
  };
  const server = Bun.serve<SocketTicket>({
    port: 0,
    hostname: "127.0.0.1",
    websocket,
    async fetch(request, carrier) {
      const exchange = new Exchange({
        request,
        carrier,
        correlationId: "test",
        startedAtMs: 0,
        isSecure: false,
        bodyLimitBytes: 1_024,
        principal: PRINCIPALS[request.headers.get(AS) ?? ""] ?? OWNER,
      });
      attachExchange(exchange);
      try {
        const route = sockets.find(exchange);
        if (!route) return await router.handle(exchange);
        sockets.upgrade(route, exchange, carrier);
        return undefined;
      } catch (thrown) {
        return answerProblem(exchange, toAppError(thrown));
      }
    },
  });
  live.start();
  sampler.start();
  const { port = 0 } = server;
  return {
    store,
    sampler,
    live,
    metrics,
    sockets,
    configuration,
    timers,
    port,
    openSockets: () => open.size,
    /** What waits in the send buffers of all sockets. */
    bufferedBytes: () => [...open].reduce((sum, socket) => sum + socket.getBufferedAmount(), 0),
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    /** Answers a GET; `as` one of nobody, stranger, viewer. */
    get: (path: string, as = "viewer") => fetch(`http://127.0.0.1:${port}${path}`, { headers: { [AS]: as } }),
    async [Symbol.asyncDispose](): Promise<void> {
      sockets.closeAll();
      await server.stop(true);
      live.stop();
      await sampler.stop();
      await timers.stop();
      await database.close();
      folder[Symbol.dispose]();
    },
  };
}

/** Series `name{n="0"}` … whose values the test sets; counts how often it is asked. */
export class NumberedCollector implements Collector {
  readonly name = "numbered";
  readonly ats: number[] = [];
  readonly #series: readonly SeriesDefinition[];
  readonly #valueOf: (series: number, call: number) => number | undefined;

  constructor(count: number, value: (series: number, call: number) => number | undefined) {
    this.#series = Array.from({ length: count }, (_, n) =>
      defineSeries("test_value", { n: String(n) }, "count", "A value of the test"),
    );
    this.#valueOf = value;
  }

  collect(at: number): Measurement[] {
    this.ats.push(at);
    return this.#series.flatMap((series, n) => {
      const value = this.#valueOf(n, this.ats.length);
      return value === undefined ? [] : { series, value };
    });
  }
}

/** A machine of these collectors. */
export const machineOf = (...collectors: readonly Collector[]): CollectorSet => ({
  collectors,
  start() {},
  close() {},
});
