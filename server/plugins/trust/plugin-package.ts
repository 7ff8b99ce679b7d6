import type { PluginManifest, PluginPermissions } from "../../../schema/plugin/manifest.ts";
import type { PluginOrigin } from "../../../schema/rules/plugins.ts";
import type { SignatureFinding } from "./signature.ts";

/** What is known of one file. */
export interface FileHash {
  sha256: string;
  sizeBytes: number;
}

/** A plugin's files, read once and held by their hash: what is approved is what runs. */
export interface PluginPackage {
  manifest: PluginManifest;
  origin: PluginOrigin;
  /** Folder or file it was found in; empty for a bundled one. */
  path: string;
  /** SHA-256 over the sorted list of paths and hashes of all files, hex. */
  digest: string;
  /** Path → SHA-256 in hex and size. */
  hashes: ReadonlyMap<string, FileHash>;
  files: ReadonlyMap<string, Uint8Array>;
  /** Id of the trusted key that signed it; undefined when none did. */
  signedBy: string | undefined;
  signature: SignatureFinding;
  permissions: PluginPermissions;
  /** The wish that the older form of the manifest holds; undefined for every other. */
  isEnabledByAuthor: boolean | undefined;
}
