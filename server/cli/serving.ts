import { isIP } from "node:net";
import type { LogLevel } from "../../schema/rules/log-levels.ts";
import { type App, createApp } from "../app.ts";
import {
  type ConfigurationSources,
  configurationFiles,
  readConfiguration,
} from "../compose/configuration.ts";
import { closeParts, startParts } from "../compose/running.ts";
import { compose, type Parts } from "../compose.ts";
import { openDataFolder } from "../database/data-folder.ts";
import { toAppError } from "../errors/app-error.ts";
import { BUILD } from "../lib/build-facts.ts";
import { startLogging, stopLogging } from "../logs/logger.ts";
import { Redactor } from "../secrets/redactor.ts";
import { OWNER } from "../security/principal.ts";
import { setupUrl } from "../security/setup.ts";
import { type GreetingFacts, greeting } from "./greeting.ts";
import { returnMemoryAfterStart } from "./memory-return.ts";
import { untilStopSignal } from "./stop-signal.ts";

/** How long the first requests have before the graph is made. */
const FIRST_ANSWERS_MS = 50;

/**
 * Runs the server until a signal ends it: then requests under way may finish, memory is written, files are closed.
 * What was opened is closed in the opposite order, also when a later step fails.
 *
 * @throws AppError for everything that can be expected to go wrong at start: one sentence each.
 */
export async function serve(sources: ConfigurationSources): Promise<void> {
  const files = configurationFiles(sources);
  const configuration = readConfiguration(sources, files);
  const stopped = untilStopSignal(configuration.settings.server.drainSeconds);
  await using opened = new AsyncDisposableStack();
  const folder = openDataFolder(
    sources.dataFolder,
    sources.environment.BINNACLE_KEY,
    sources.environment.BINNACLE_KEY_PREVIOUS,
  );
  opened.defer(() => folder.close());
  const redactor = new Redactor();
  const { scrub } = redactor;
  const logTo = (level: LogLevel) =>
    startLogging({ level, file: folder.paths.log, console: process.stderr.isTTY ? "pretty" : "json", scrub });
  const log = await logTo(configuration.settings.log.level);
  opened.defer(stopLogging);
  configuration.watch("log.level", (level) => {
    logTo(level).catch((error: unknown) =>
      log.error("The log keeps its level", { level, error: toAppError(error) }),
    );
  });
  const parts = await compose({ configuration, files, folder, log, redactor });
  opened.defer(() => closeParts(parts));
  const app = createApp(parts);
  opened.defer(() => app.stop());
  await app.start();
  await startParts(parts);
  log.info("Binnacle is up", { version: BUILD.version, address: app.address });
  console.log(greeting(await firstFacts(parts, app)));
  // Who already waits is answered first: what follows keeps the processor busy for a while.
  await Bun.sleep(FIRST_ANSWERS_MS);
  await app.prepare();
  parts.pluginSystem?.begin();
  returnMemoryAfterStart(parts);
  log.info("Binnacle is stopping", { signal: await stopped });
}

async function firstFacts(parts: Parts, app: App): Promise<GreetingFacts> {
  const { hostname } = new URL(app.address);
  const { baseUrl } = app;
  return {
    baseUrl,
    hostname,
    isLoopback: isLoopback(hostname),
    port: app.port,
    setupLink: await setupLink(parts, baseUrl),
    dataFolder: parts.folder.paths.root,
  };
}

async function setupLink({ setup }: Parts, baseUrl: string): Promise<string | undefined> {
  if (!(await setup.needed())) return undefined;
  const { token } = await setup.issue({
    principal: OWNER,
    correlationId: "start",
    clientAddress: "control",
  });
  return setupUrl(baseUrl, token);
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || (isIP(hostname) === 4 && hostname.startsWith("127."));
