import { SAMPLES_MIGRATIONS } from "../schema/migrations/samples/index.ts";
import { STATE_MIGRATIONS } from "../schema/migrations/state/index.ts";
import { Cache } from "./cache/cache.ts";
import { composeAccess } from "./compose/access.ts";
import type { AlertSystem } from "./compose/alerts.ts";
import type { Base } from "./compose/base.ts";
import { composeCertificate } from "./compose/certificate.ts";
import { composeDelivery, type Delivery } from "./compose/delivery.ts";
import { type Features, loadFeatures } from "./compose/features.ts";
import { composeIncidents } from "./compose/incidents.ts";
import type { LogSystem } from "./compose/logs.ts";
import { composeMetrics } from "./compose/metrics.ts";
import type { PluginSystem } from "./compose/plugins.ts";
import type { ProfilerSystem } from "./compose/profiler.ts";
import { composeSecrets } from "./compose/secrets.ts";
import { composeSettings } from "./compose/settings.ts";
import type { Configuration } from "./config/configuration.ts";
import type { ConfigurationFiles } from "./config/configuration-files.ts";
import type { DataFolder } from "./database/data-folder.ts";
import { Database } from "./database/database.ts";
import { Traffic } from "./http/traffic.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { Probe } from "./lib/probe.ts";
import { type Logger, silentLogger } from "./logs/logger.ts";
import { SAMPLES_FILE } from "./metrics/store.ts";
import { Timers } from "./scheduler/timers.ts";
import { Redactor } from "./secrets/redactor.ts";

/** Memory for the cached answers of GraphQL queries. */
const ANSWER_CACHE_BYTES = 16 * 1024 * 1024;

/** Work that nobody sees missing until it is too late: a failure of it is told at once. */
const VITAL_TIMERS: ReadonlySet<string> = new Set([
  "audit.care",
  "events.ring",
  "metrics.maintain",
  "outbox.sweep",
]);

/** What `compose` needs beside the configuration. */
export interface ComposeOptions {
  configuration: Configuration;
  /** Where the configuration was read from; edits of these files take effect once the parts run. */
  files?: ConfigurationFiles;
  folder: DataFolder;
  log?: Logger;
  clock?: Clock;
  /** What keeps secrets out of the log, which begins before the secrets are open. */
  redactor?: Redactor;
}

/**
 * Makes and joins all parts. The databases are open afterwards and nothing runs: no timer, no socket, no sampling.
 * An offline command works with the parts as they are; `serve` starts them by {@link startParts}. Both end with
 * {@link closeParts}.
 *
 * @throws AppError when a database cannot be opened; what was opened before is closed again.
 */
export async function compose({
  configuration,
  files,
  folder,
  log = silentLogger,
  clock = systemClock,
  redactor = new Redactor(),
}: ComposeOptions): Promise<Parts> {
  const { paths } = folder;
  await using opened = new AsyncDisposableStack();
  const state = Database.open({
    path: paths.stateDatabase,
    migrations: STATE_MIGRATIONS,
    synchronous: "FULL",
  });
  opened.defer(() => state.close());
  const samples = Database.open({
    path: paths.samplesDatabase,
    migrations: SAMPLES_MIGRATIONS,
    ...SAMPLES_FILE,
  });
  opened.defer(() => samples.close());
  const errorCentre = composeIncidents(configuration, state, clock, redactor);
  const probe = new Probe();
  const timers = new Timers(clock, log.child("timers"), (name, work) =>
    errorCentre.recovery.run({
      where: `timer ${name}`,
      work: () => probe.time("timer", name, work),
      isRepeatable: true,
      isVital: VITAL_TIMERS.has(name),
    }),
  );
  const traffic = new Traffic();
  const answers = new Cache<string>({
    maxEntries: configuration.settings.queryCache.maxEntries,
    maxSizeBytes: ANSWER_CACHE_BYTES,
    sizeOf: (text) => text.length,
    clock,
  });
  const databases = { state, samples };
  const base: Base = {
    configuration,
    folder,
    log,
    clock,
    timers,
    traffic,
    probe,
    answers,
    databases,
    ...errorCentre,
  };
  const kept = await composeSecrets(base, redactor);
  const delivery = await composeDelivery(base, redactor);
  const access = composeAccess(base, kept, delivery);
  const settings = await composeSettings(base, kept.audit, delivery, files);
  const features = await loadFeatures(base);
  const certificate = await composeCertificate(base, delivery);
  const metrics = composeMetrics(base, features, delivery, redactor);
  const profilerSystem = await features.profiler?.composeProfiler(base, delivery, redactor);
  opened.defer(() => profilerSystem?.close());
  const logSystem = features.logger?.composeLogs(base, delivery, redactor);
  opened.defer(() => logSystem?.close());
  const pluginSystem = await features.plugins?.composePlugins({
    ...base,
    ...kept,
    ...delivery,
    samples: metrics.sampler,
    configurationFiles: files?.present() ?? [],
  });
  profilerSystem?.knowPluginLimits((id) => pluginSystem?.callLimitMs(id));
  for (const collector of pluginSystem?.collectors ?? []) metrics.sampler.add(collector);
  const alertSystem = await features.alerts?.composeAlerts(
    { ...base, ...delivery, ...metrics, audit: kept.audit },
    pluginSystem,
  );
  const parts = {
    ...base,
    ...kept,
    ...access,
    ...delivery,
    ...settings,
    ...metrics,
    ...features,
    certificate,
    logSystem,
    alertSystem,
    profilerSystem,
    pluginSystem,
  };
  const closing = opened.move();
  return { ...parts, closeDatabases: () => closing.disposeAsync() };
}

/** Every part of Binnacle. */
export type Parts = Base &
  Awaited<ReturnType<typeof composeSecrets>> &
  ReturnType<typeof composeAccess> &
  Delivery &
  Awaited<ReturnType<typeof composeSettings>> &
  ReturnType<typeof composeMetrics> &
  Features & {
    /** From an authority; undefined when files or nobody give one. */
    certificate: Awaited<ReturnType<typeof composeCertificate>>;
    logSystem: LogSystem | undefined;
    alertSystem: AlertSystem | undefined;
    profilerSystem: ProfilerSystem | undefined;
    pluginSystem: PluginSystem | undefined;
    closeDatabases: () => Promise<void>;
  };
