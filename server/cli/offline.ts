import { createApp } from "../app.ts";
import { configurationFiles, readConfiguration } from "../compose/configuration.ts";
import { closeParts } from "../compose/running.ts";
import { compose } from "../compose.ts";
import { openDataFolder } from "../database/data-folder.ts";
import { startLogging, stopLogging } from "../logs/logger.ts";
import { ApiClient } from "./api-client.ts";
import type { ConnectionOptions } from "./options.ts";

/** Requests have a name and travel nowhere. */
const BASE = "http://localhost";

/**
 * The way to Binnacle while the server is stopped: this process takes the data folder, makes the same parts and
 * answers the request itself, by the same pipeline. Nothing else runs, and closing gives the folder back.
 *
 * @throws AppError `already_running`, `storage_unavailable` … as at the start of the server.
 */
export async function connectOffline(options: ConnectionOptions): Promise<ApiClient> {
  const sources = { dataFolder: options.data, configFile: options.config, environment: process.env };
  const files = configurationFiles(sources);
  const configuration = readConfiguration(sources, files);
  await using opened = new AsyncDisposableStack();
  const folder = openDataFolder(options.data, process.env.BINNACLE_KEY, process.env.BINNACLE_KEY_PREVIOUS);
  opened.defer(() => folder.close());
  const log = await startLogging({ level: "error", console: "pretty" });
  opened.defer(stopLogging);
  const parts = await compose({ configuration, files, folder, log });
  opened.defer(() => closeParts(parts));
  const app = createApp(parts);
  const closing = opened.move();
  return new ApiClient(
    folder.paths.root,
    (path, init) => app.handle(new Request(`${BASE}${path}`, init)),
    () => closing.disposeAsync(),
  );
}
