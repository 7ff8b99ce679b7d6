import { type CollectedMetric, defineMonitor, type HealthReport, type PluginContext } from "binnacle";
import { type Demands, type Probe, probe } from "./probe.ts";

interface Config extends Demands {
  urls: string[];
  overrides: Record<string, Partial<Pick<Demands, "status" | "keyword" | "maxLatencyMs">>>;
}

/** As the manifest has them. */
const DEMANDS: Demands = {
  status: [],
  keyword: "",
  maxLatencyMs: 2_000,
  timeoutMs: 10_000,
  minCertificateDays: 14,
};
const LAST = "last";
const AT_ONCE = 5;

/** `collect` and `execute` ask every address; `execute({ show: "last" })` answers what was found last, for the panel. */
export default defineMonitor<Config>({
  async collect(_, ctx) {
    return (await probeAll(ctx)).flatMap(metricsOf);
  },

  async execute(input, ctx) {
    const wantsLast = typeof input === "object" && input !== null && "show" in input && input.show === "last";
    return wantsLast ? ((await ctx.state.get<Probe[]>(LAST)) ?? []) : probeAll(ctx);
  },

  async health(ctx) {
    return healthOf((await ctx.state.get<Probe[]>(LAST)) ?? []);
  },
});

async function probeAll(ctx: PluginContext<Config>): Promise<Probe[]> {
  const { urls = [], overrides = {}, ...config }: Partial<Config> = await ctx.config.get();
  const demands = { ...DEMANDS, ...config };
  const before = new Map(((await ctx.state.get<Probe[]>(LAST)) ?? []).map((one) => [one.url, one.outcome]));
  const probes: Probe[] = [];
  const waiting = [...urls.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !ctx.signal.aborted; next = waiting.shift()) {
      const [index, url] = next;
      probes[index] = await probe(url, { ...demands, ...overrides[url] }, ctx.fetch);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  ctx.signal.throwIfAborted();
  for (const { url, outcome, problem } of probes) {
    if (before.get(url) !== outcome)
      ctx.logger[outcome === "up" ? "info" : "warning"](`${url} is ${outcome}`, { problem });
  }
  await ctx.state.set(LAST, probes);
  return probes;
}

function metricsOf({ url, outcome, latencyMs, certificateDays: days }: Probe): CollectedMetric[] {
  const labels = { url: url.slice(0, 120) };
  const up: CollectedMetric = { name: "up", value: outcome === "down" ? 0 : 1, labels, unit: "count" };
  const latency: CollectedMetric[] =
    latencyMs === null ? [] : [{ name: "latency", value: latencyMs / 1_000, labels, unit: "seconds" }];
  const certificate: CollectedMetric[] =
    days === null ? [] : [{ name: "certificate_days", value: days, labels, unit: "count" }];
  return [up, ...latency, ...certificate];
}

function healthOf(probes: readonly Probe[]): HealthReport {
  const down = probes.filter(({ outcome }) => outcome === "down").length;
  const well = probes.filter(({ outcome }) => outcome === "up").length;
  const expiring = probes.filter(({ outcome }) => outcome === "expiring");
  return {
    // Never "unhealthy": such a plugin is asked nothing more, and this one would not see its addresses come back.
    status: well < probes.length ? "degraded" : "healthy",
    message:
      probes.length === 0
        ? "no address was asked yet"
        : [
            `${probes.length - down} of ${probes.length} addresses answer well`,
            ...expiring.map(({ url, problem }) => `${url}: ${problem}`),
          ].join("; "),
    dependencies: probes.map(({ url, outcome, latencyMs }) => ({
      name: url,
      status: outcome === "up" ? "healthy" : outcome === "down" ? "unhealthy" : "degraded",
      ...(latencyMs === null ? {} : { responseMs: latencyMs }),
    })),
  };
}
