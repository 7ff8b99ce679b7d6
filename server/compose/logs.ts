import { LOGS_MIGRATIONS } from "../../schema/migrations/logs/index.ts";
import type { Configuration } from "../config/configuration.ts";
import type { WatchedFiles } from "../config/sections/logs.ts";
import { freeSpace } from "../database/data-folder.ts";
import { Database } from "../database/database.ts";
import type { GraphFeature } from "../http/graphql-types.ts";
import type { Clock } from "../lib/clock.ts";
import { OWN_SOURCE } from "../logs/line.ts";
import { LiveLines } from "../logs/live.ts";
import { MAX_FILES } from "../logs/logger.ts";
import { maskerOf } from "../logs/masks.ts";
import { packRotated } from "../logs/pack-rotated.ts";
import { logRoutes } from "../logs/rest.ts";
import type { LogRetention } from "../logs/retention.ts";
import { Logs } from "../logs/service.ts";
import { logSocket } from "../logs/socket.ts";
import { LOGS_FILE, LogStore } from "../logs/store.ts";
import { FileWatcher, type WatchedPath } from "../logs/watch/file-watcher.ts";
import { LOGS_REQUEST, readLogs } from "../otlp/logs.ts";
import { otlpRoutes } from "../otlp/rest.ts";
import type { Signal } from "../otlp/signal.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";

const MAINTENANCE_INTERVAL_MS = 60_000;
/** How late a file of the own log that was put aside is packed. */
const PACK_INTERVAL_MS = 3_600_000;
/** How late a line of a file may be seen. */
const WATCH_INTERVAL_MS = 500;

/** Log lines: kept, searched, followed. Evaluated only while `features.logger` is on. */
export function composeLogs(base: Base, { events }: Delivery, redactor: Redactor) {
  const { configuration, folder, clock, timers } = base;
  const log = base.log.child("logs");
  const { paths } = folder;
  let scrub = scrubOf(configuration.settings.logs, redactor);
  const unwatchScrub = configuration.watch(
    (settings) => settings.logs,
    (settings) => {
      scrub = scrubOf(settings, redactor);
    },
  );
  const database = Database.open({ path: paths.logsDatabase, migrations: LOGS_MIGRATIONS, ...LOGS_FILE });
  const store = LogStore.open({
    database,
    clock,
    log,
    retention: retentionOf(configuration.settings),
    readDisk: () => freeSpace(paths.root),
    scrub: (text) => scrub(text),
    pauses: {
      paused: (disk) => {
        log.error("Log lines are not taken any more: the disk is nearly full", { ...disk });
        events.publishLater({ type: "log.paused", payload: { reason: "the disk is nearly full" } });
      },
      resumed: (pausedMs) => {
        log.info("Log lines are taken again: the disk has space", { pausedMs });
        events.publishLater({ type: "log.resumed", payload: { pausedMs: Math.round(pausedMs) } });
      },
    },
  });
  const live = new LiveLines();
  store.listen(live);
  const watcher = new FileWatcher({ clock, log, store });
  const logs = new Logs({
    clock,
    configuration,
    store,
    live,
    logFolder: paths.logs,
    watchedFiles: () => watcher.list(),
  });
  let unwatch = (): void => undefined;
  return {
    logs,
    store,
    graph: async (): Promise<GraphFeature> => (await import("../logs/graphql.ts")).logGraph(logs),
    routes: () => logRoutes(logs).use(otlpRoutes(otlpLogs(store, clock))),
    socket: () => logSocket(logs, redactor),
    /** Begins what runs by itself. */
    start(): void {
      timers.every("logs.maintain", MAINTENANCE_INTERVAL_MS, async () => void (await store.maintain()));
      const unwatchRetention = configuration.watch(retentionOf, (retention) => store.configure(retention));
      const watch = (files: readonly WatchedFiles[]): void =>
        watcher.configure([ownLog(paths.log), ...files.map(watchedPath)]);
      watch(configuration.settings.logs.files);
      const unwatchFiles = configuration.watch("logs.files", watch);
      timers.every("logs.pack", PACK_INTERVAL_MS, () => packRotated(paths.log, MAX_FILES));
      timers.every("logs.watch", WATCH_INTERVAL_MS, () => watcher.pass());
      unwatch = () => {
        unwatchRetention();
        unwatchFiles();
      };
    },
    async stop(): Promise<void> {
      unwatch();
      live.close();
      timers.cancel("logs.watch");
      await watcher.close();
    },
    async close(): Promise<void> {
      unwatchScrub();
      await store.close();
      await database.close();
    },
  };
}

export type LogSystem = ReturnType<typeof composeLogs>;

/** What is taken out of every line before it is stored, whoever wrote it. */
function scrubOf(
  { redactSecrets, redactPatterns }: Configuration["settings"]["logs"],
  redactor: Redactor,
): (text: string) => string {
  const mask = maskerOf(redactPatterns);
  return (text) => mask(redactSecrets ? redactor.scrub(text) : text);
}

/** The server's own log is a file like any other: written before anything else stands, read after a crash too. */
const ownLog = (path: string): WatchedPath => ({
  path,
  source: OWN_SOURCE,
  format: "json",
  startAt: "start",
});

const watchedPath = ({
  format = "auto",
  startAt = "start",
  joinTraces = true,
  ...rest
}: WatchedFiles): WatchedPath => ({ ...rest, format, startAt, joinTraces });

/** Log records of OpenTelemetry; they are answered once they are kept. */
const otlpLogs = (store: LogStore, clock: Clock): Signal<"logs:write"> => ({
  path: "/v1/logs",
  access: "logs:write",
  summary: "OTLP/HTTP: log records, as protobuf or JSON, plain or packed as gzip or zstd",
  shape: LOGS_REQUEST,
  rejectedField: "rejectedLogRecords",
  async take(request, sender) {
    const { lines, rejected, problem } = await readLogs(request, clock.now());
    if (lines.length > 0) await store.append(lines, { sender });
    return { rejected, problem };
  },
});

const retentionOf = ({ logs, storage }: Configuration["settings"]): LogRetention => ({
  days: logs.days,
  budgetBytes: logs.budgetBytes,
  minFreePercent: storage.minFreePercent,
});
