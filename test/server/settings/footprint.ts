import { readdirSync } from "node:fs";
import { createApp } from "../../../server/app.ts";
import { readConfiguration } from "../../../server/compose/configuration.ts";
import { closeParts, startParts } from "../../../server/compose/running.ts";
import { compose } from "../../../server/compose.ts";
import { openDataFolder } from "../../../server/database/data-folder.ts";

/** Starts a server with the switches of the command line and prints what it consists of. */
const [dataFolder = "", features = "{}"] = process.argv.slice(2);
const flags = new Map<string, unknown>(Object.entries({ "server.port": 0, ...JSON.parse(features) }));
const folder = openDataFolder(dataFolder, undefined);
const parts = await compose({
  configuration: readConfiguration({ dataFolder, environment: {}, flags }),
  folder,
});
const app = createApp(parts);
await startParts(parts);
await app.start();
await app.prepare();
parts.pluginSystem?.begin();
await parts.pluginSystem?.ready();
const { state } = parts.databases;
const readyTexts = await state.write(async (tx) => [
  ...tx.$client.readyTexts,
  ...state.reader.$client.readyTexts,
]);
console.log(
  JSON.stringify({
    modules: [...new Set([...Object.keys(require.cache), ...registry()])],
    routes: app.surface.router.routes.map(({ path }) => path),
    sockets: app.surface.sockets.routes.map(({ path }) => path),
    timers: parts.timers.list().map(({ name }) => name),
    statements: readyTexts,
    files: readdirSync(dataFolder),
  }),
);
await app.stop();
await closeParts(parts);
folder.close();

/** Bun's own list of ES modules. */
function registry(): string[] {
  const { Loader } = globalThis as { Loader?: { registry?: Map<string, unknown> } };
  return [...(Loader?.registry?.keys() ?? [])];
}
