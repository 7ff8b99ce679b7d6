import { PROFILER_MIGRATIONS } from "../../schema/migrations/profiler/index.ts";
import type { Settings } from "../config/schema.ts";
import { Database } from "../database/database.ts";
import type { GraphFeature } from "../http/graphql-types.ts";
import { traceEnded } from "../lib/tracing.ts";
import { otlpRoutes } from "../otlp/rest.ts";
import type { Signal } from "../otlp/signal.ts";
import { readTraces, TRACES_REQUEST } from "../otlp/traces.ts";
import { Repeats } from "../profiler/advice/repeats.ts";
import { Advice } from "../profiler/advice/service.ts";
import { startProfilerJobs } from "../profiler/jobs.ts";
import { type ProfilerVerbs, profilerRoutes } from "../profiler/rest.ts";
import { Profiler, type ProfilerLimits, type SlowNotice } from "../profiler/service.ts";
import { RequestTracer, type RequestTracerLimits } from "../profiler/traces/request-tracer.ts";
import { traceRoutes } from "../profiler/traces/rest.ts";
import { type TraceLimits, Traces } from "../profiler/traces/service.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";

const MS_PER_SECOND = 1_000;
const MS_PER_DAY = 86_400_000;

/** How long operations take. Evaluated only while `features.profiler` is on; until then nobody listens to the probe. */
export async function composeProfiler(
  { configuration, folder, clock, timers, probe, databases }: Base,
  { events }: Delivery,
  { scrub }: Pick<Redactor, "scrub">,
) {
  const database = Database.open({
    path: folder.paths.profilerDatabase,
    migrations: PROFILER_MIGRATIONS,
    // Statistics may lose their last moments to a power cut, never their consistency.
    synchronous: "NORMAL",
  });
  let limits = limitsOf(configuration.settings);
  const profiler = new Profiler({
    database,
    clock,
    scrub,
    limits: () => limits,
    announce: (notice) => events.publishLater({ type: "operation.slow", payload: slowPayload(notice) }),
  });
  await profiler.open();
  const unwatch = configuration.watch(limitsOf, (changed) => {
    limits = changed;
  });
  const tracer = new RequestTracer({ clock, scrub, limits: () => limits });
  const traces = new Traces({
    database,
    clock,
    scrub,
    profiler,
    waiting: tracer.waiting,
    limits: () => traceLimitsOf(configuration.settings),
  });
  const repeats = new Repeats();
  probe.observer = profiler.recorder;
  probe.tracer = tracer;
  probe.onQuery = (query) => repeats.note(query);
  for (const [name, one] of Object.entries(databases)) {
    one.onWritten = (durationMs, hasFailed) => {
      profiler.recorder.record("write", name, durationMs, hasFailed);
      traceEnded(`write ${name}`, durationMs, hasFailed);
    };
  }
  let pluginLimitMs = (_plugin: string): number | undefined => undefined;
  const advice = new Advice({
    profiler,
    repeats,
    databases: { ...databases, profiler: database },
    pluginLimitMs: (plugin) => pluginLimitMs(plugin),
  });
  const verbs: ProfilerVerbs = { profiler, advice, clock, slowSeconds: () => limits.slowMs / MS_PER_SECOND };
  return {
    profiler,
    traces,
    graph: () => loadGraph(verbs, traces),
    routes: () =>
      profilerRoutes(verbs)
        .use(traceRoutes(traces))
        .use(otlpRoutes(otlpTraces(traces))),
    /** Has advice know how long a call of a plugin may take: plugins are composed later. */
    knowPluginLimits(limitMsOf: (plugin: string) => number | undefined): void {
      pluginLimitMs = limitMsOf;
    },
    /** Begins what runs by itself. */
    start: () => startProfilerJobs(timers, profiler, traces),
    /** Ends recording and writes what was recorded. */
    async stop(): Promise<void> {
      unwatch();
      probe.observer = undefined;
      probe.tracer = undefined;
      probe.onQuery = undefined;
      for (const one of Object.values(databases)) one.onWritten = undefined;
      await profiler.flush();
      await traces.flush();
    },
    close: () => database.close(),
  };
}

async function loadGraph(verbs: ProfilerVerbs, traces: Traces): Promise<GraphFeature> {
  const [{ profilerGraph }, { traceGraph }] = await Promise.all([
    import("../profiler/graphql.ts"),
    import("../profiler/traces/graphql.ts"),
  ]);
  return (builder) => {
    profilerGraph(verbs)(builder);
    traceGraph(traces)(builder);
  };
}

/** Spans of OpenTelemetry; they are answered once they are kept. */
const otlpTraces = (traces: Traces): Signal<"profiler:write"> => ({
  path: "/v1/traces",
  access: "profiler:write",
  summary: "OTLP/HTTP: spans, as protobuf or JSON, plain or packed as gzip or zstd",
  shape: TRACES_REQUEST,
  rejectedField: "rejectedSpans",
  take: async (request) => traces.take(await readTraces(request)),
});

export type ProfilerSystem = Awaited<ReturnType<typeof composeProfiler>>;

const limitsOf = ({ profiler }: Settings): ProfilerLimits & RequestTracerLimits => ({
  slowMs: profiler.slowMs,
  sampleEvery: profiler.sampleEvery,
  retentionMs: profiler.retentionDays * MS_PER_DAY,
  maxOperations: profiler.maxOperations,
  maxSlowOperations: profiler.maxSlowOperations,
});

const traceLimitsOf = ({ profiler }: Settings): TraceLimits => ({
  retentionMs: profiler.traceDays * MS_PER_DAY,
  maxSpans: profiler.maxSpans,
});

const slowPayload = ({ slow, untold }: SlowNotice) => ({
  kind: slow.kind,
  service: slow.source,
  operation: slow.name,
  durationMs: Math.round(slow.durationMs),
  thresholdMs: slow.thresholdMs,
  failed: slow.hasFailed ? 1 : 0,
  correlationId: slow.correlationId ?? "",
  traceId: slow.traceId ?? "",
  untold,
});
