import { createApp } from "../app.ts";
import {
  type ConfigurationSources,
  closeParts,
  compose,
  type Parts,
  readConfiguration,
  startParts,
} from "../compose.ts";
import { openDataFolder } from "../database/data-folder.ts";
import { toAppError } from "../errors/app-error.ts";
import { BUILD } from "../lib/build-facts.ts";
import { startLogging, stopLogging } from "../logs/logger.ts";
import { OWNER } from "../security/principal.ts";
import { setupUrl } from "../security/setup.ts";
import { greeting } from "./greeting.ts";

/** Whatever hangs, the process is gone by then: a service manager would kill it soon after. */
const STOP_DEADLINE_MS = 9_500;
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const SIGNAL_EXIT_BASE = 128;
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Runs the server until a signal ends it: then requests under way may finish, memory is written, files are closed.
 * A second signal ends it at once.
 *
 * @throws AppError for everything that can be expected to go wrong at start: one sentence each.
 */
export async function serve(sources: ConfigurationSources): Promise<void> {
  const stopped = untilSignal();
  await using opened = new AsyncDisposableStack();
  const configuration = readConfiguration(sources);
  const folder = openDataFolder(sources.dataFolder, sources.environment.BINNACLE_KEY);
  opened.defer(() => folder.close());
  const log = await startLogging({
    level: configuration.settings.log.level,
    file: folder.paths.log,
    console: process.stderr.isTTY ? "pretty" : "json",
  });
  opened.defer(stopLogging);
  const parts = await compose({ configuration, folder, log });
  opened.defer(() => closeParts(parts));
  const app = createApp(parts);
  opened.defer(() => app.stop());
  startParts(parts);
  await app.start();
  log.info("Binnacle is up", { version: BUILD.version, address: app.address });
  console.log(greeting({ ...(await firstSteps(parts, app.address)), dataFolder: folder.paths.root }));
  log.info("Binnacle is stopping", { signal: await stopped });
}
