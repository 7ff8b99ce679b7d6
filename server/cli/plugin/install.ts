import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { pack } from "tar-stream";
import { AppError, errorCodeOf } from "../../errors/app-error.ts";
import type { Plugin } from "../../plugins/model.ts";
import { withClient } from "../connect.ts";
import type { ConnectionOptions } from "../options.ts";
import { Terminal } from "../terminal.ts";
import { PluginApi } from "./plugin-api.ts";
import { readPlugin, readPluginFiles } from "./read-plugin.ts";
import { goesOn } from "./words.ts";

const ARCHIVE_NAME = /\.(?:zip|tar|tar\.gz|tgz)$/i;

/** `plugin install PATH`: a folder, or an archive as it is. What it asks for waits for an approval. */
export async function install(path: string, options: ConnectionOptions): Promise<void> {
  const archive = ARCHIVE_NAME.test(path) ? readArchiveFile(path) : await packed(path);
  const { plugin, version } = await withClient(options, "running", async (client) => {
    const api = new PluginApi(client);
    const installed = await api.install(archive);
    // While an update waits, the plugin still goes by the version that runs.
    const update = installed.needsApproval ? await api.approval(installed.id) : installed;
    return { plugin: installed, version: update.version };
  });
  new Terminal(options).show(plugin, (installed) => sentenceOf(installed, version));
}

function sentenceOf(plugin: Plugin, version: string): string {
  const { id, version: present, needsApproval } = plugin;
  if (!needsApproval) return `Installed ${id} ${version}. Next: binnacle plugin status ${id}`;
  const meanwhile = goesOn(plugin) ? `; until it is approved, version ${present} goes on` : "";
  return `Installed ${id} ${version}${meanwhile}. Next: binnacle plugin approve ${id}`;
}

/** The files as they lie there, signature included; whatever is wrong with them is told here already. */
async function packed(path: string): Promise<Uint8Array> {
  await readPlugin(path);
  if (statSync(path).isDirectory()) return tarOf(await readPluginFiles(path));
  throw new AppError(
    "invalid_request",
    `${basename(path)} is one file: put it into the plugins folder of the server, or give it a folder with a plugin.json.`,
  );
}

async function tarOf(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, bytes] of files) archive.entry({ name }, Buffer.from(bytes));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function readArchiveFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason =
      errorCodeOf(error) === "ENOENT" ? "is not there" : `cannot be read (${errorCodeOf(error)})`;
    throw new AppError("invalid_request", `${path} ${reason}.`, { cause: error });
  }
}
