import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import { AppError } from "../../errors/app-error.ts";
import { MAX_PLUGIN_ID_LENGTH, PLUGIN_ID_PATTERN } from "../fields.ts";
import { MANIFEST_FILE } from "../manifest/read-manifest.ts";

/** Who a copy is. */
export interface CopyIdentity {
  id: string;
  /** What people read; made of the id when absent. */
  name?: string | undefined;
}

/** A plugin's files under another identity, and their manifest. */
export interface CopiedFiles {
  manifest: PluginManifest;
  files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The files of a plugin that was checked, as those of another: it is configured, allowed and run beside the first, and
 * its code is the copy's until it is copied anew. What configures or signs the first does not come with it.
 * @throws AppError `invalid_request` for an id that is none, `plugin_state_conflict` for a plugin without a manifest
 */
export function copiedFiles(files: ReadonlyMap<string, Uint8Array>, { id, name }: CopyIdentity): CopiedFiles {
  if (!new RegExp(PLUGIN_ID_PATTERN).test(id) || id.length > MAX_PLUGIN_ID_LENGTH) {
    throw new AppError(
      "invalid_request",
      `"${id}" cannot be an id: use lower-case letters, digits, - and _, at most ${MAX_PLUGIN_ID_LENGTH}.`,
    );
  }
  const text = files.get(MANIFEST_FILE);
  if (!text) {
    throw new AppError(
      "plugin_state_conflict",
      `A plugin without ${MANIFEST_FILE} is copied by copying its files under another name.`,
    );
  }
  const checked = JSON.parse(new TextDecoder().decode(text)) as PluginManifest;
  const manifest = { ...checked, id, name: name?.trim() || nameOf(id) };
  const own = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
  return { manifest, files: new Map(files).set(MANIFEST_FILE, own) };
}

/** `disk-alert` → Disk alert. */
export function nameOf(id: string): string {
  const words = id.replaceAll(/[-_]+/g, " ").trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
