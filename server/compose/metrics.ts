import { statSync } from "node:fs";
import type { Configuration } from "../config/configuration.ts";
import { freeSpace } from "../database/data-folder.ts";
import { collectors } from "../metrics/collect/collectors.ts";
import type { Retention } from "../metrics/retention.ts";
import { Sampler } from "../metrics/sampler.ts";
import { Metrics } from "../metrics/service.ts";
import { SampleStore } from "../metrics/store.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";
import type { Features } from "./features.ts";

/** How live reading fares while it is switched off. */
const NO_LIVE_READERS = { connections: 0, droppedSlow: 0, skippedFrames: 0 } as const;

/** What is sampled, kept and read live. */
export function composeMetrics(
  base: Base,
  { liveMetrics }: Features,
  { events }: Delivery,
  { scrub }: Pick<Redactor, "scrub">,
) {
  const { configuration, folder, log, clock, timers, traffic, databases, incidents } = base;
  const store = SampleStore.open({
    database: databases.samples,
    clock,
    log: log.child("metrics"),
    retention: retentionOf(configuration.settings),
    readDisk: () => freeSpace(folder.paths.root),
  });
  const statistics = {
    read: () => ({
      ...traffic.read(),
      stateDatabaseBytes: sizeOnDisk(folder.paths.stateDatabase),
      samplesDatabaseBytes: sizeOnDisk(folder.paths.samplesDatabase),
    }),
  };
  const machine = collectors({ clock, statistics });
  const sampler = new Sampler({
    clock,
    timers,
    configuration,
    log: log.child("metrics"),
    machine,
    store,
    report: incidents.record,
    pauses: {
      paused: (reason) => events.publishLater({ type: "metrics.paused", payload: { reason } }),
      resumed: (pausedMs) => events.publishLater({ type: "metrics.resumed", payload: { pausedMs } }),
    },
  });
  const live = liveMetrics && new liveMetrics.LiveMetrics({ clock, configuration, samples: sampler, scrub });
  const metrics = new Metrics({
    clock,
    configuration,
    samples: sampler,
    live: live ?? { status: () => NO_LIVE_READERS },
    store,
    processes: machine.processes,
  });
  return { store, machine, sampler, live, metrics };
}

type Settings = Configuration["settings"];

/** How long samples are kept, by the settings. */
export const retentionOf = ({ metrics, storage }: Settings): Retention => ({
  days: { raw: metrics.rawDays, "1m": metrics.minuteDays, "1h": metrics.hourDays },
  budgetBytes: metrics.budgetBytes,
  minFreePercent: storage.minFreePercent,
  maxSeries: metrics.maxSeries,
});

const sizeOnDisk = (path: string): number =>
  [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
