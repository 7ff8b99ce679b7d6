import type { PluginManifest, PluginPermissions } from "../../../schema/plugin/manifest.ts";
import type { PluginOrigin } from "../../../schema/rules/plugins.ts";

/** A plugin's files, read once and held by their hash: what is approved is what runs. */
export interface PluginPackage {
  manifest: PluginManifest;
  origin: PluginOrigin;
  /** Folder or file it was found in; empty for a bundled one. */
  path: string;
  /** SHA-256 over the sorted list of paths and hashes of all files, hex. */
  digest: string;
  /** Path → SHA-256 in hex and size. */
  hashes: ReadonlyMap<string, { sha256: string; sizeBytes: number }>;
  files: ReadonlyMap<string, Uint8Array>;
  /** Who signed it; undefined when nobody did. */
  signedBy: string | undefined;
  permissions: PluginPermissions;
}
