import type { PluginOrigin } from "../../../schema/rules/plugins.ts";
import {
  MANIFEST_FILE,
  type ManifestLimits,
  type ManifestProblem,
  type ManifestReading,
  OLDER_MANIFEST_FILE,
  readManifest,
  singleFileManifest,
} from "../manifest/read-manifest.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import { findSignature, SIGNATURE_FILE, type TrustedKey } from "../trust/signature.ts";
import { digestOf, hashesOf } from "./file-list.ts";

/** Files as they were read, and where from. */
export interface PluginSource {
  origin: PluginOrigin;
  /** Folder or file; empty for a bundled one. */
  path: string;
  files: ReadonlyMap<string, Uint8Array>;
  /** The plugin is one file by itself, without a folder and without a manifest. */
  isSingleFile: boolean;
}

/** What this server holds plugins to. */
export interface PackageRules {
  limits: ManifestLimits;
  trustedKeys: readonly TrustedKey[];
}

/** Makes of files what they are as a plugin, or tells everything that is wrong with its manifest. */
export function assemblePackage(
  source: PluginSource,
  rules: PackageRules,
): PluginPackage | { problems: ManifestProblem[] } {
  const { origin, path } = source;
  const reading = manifestOf(source, rules.limits);
  if ("problems" in reading) return reading;
  const { manifest, isEnabled } = reading;
  const files = new Map([...source.files].filter(([name]) => source.isSingleFile || name !== SIGNATURE_FILE));
  if (!files.has(manifest.main)) {
    const message = `${JSON.stringify(manifest.main)} is not there`;
    return { problems: [{ path: "main", message }] };
  }
  const hashes = hashesOf(files);
  const digest = digestOf(hashes);
  const subject = { id: manifest.id, version: manifest.version, digest };
  const signature = findSignature(source.files.get(SIGNATURE_FILE), subject, rules.trustedKeys);
  return {
    manifest,
    origin,
    path,
    digest,
    hashes,
    files,
    signature,
    signedBy: signature.state === "valid" ? signature.keyId : undefined,
    permissions: manifest.permissions ?? {},
    isEnabledByAuthor: isEnabled,
  };
}

function manifestOf({ files, isSingleFile }: PluginSource, limits: ManifestLimits): ManifestReading {
  if (isSingleFile) return singleFileManifest([...files.keys()][0] ?? "", limits);
  for (const name of [MANIFEST_FILE, OLDER_MANIFEST_FILE]) {
    const bytes = files.get(name);
    if (bytes) return readManifest(bytes, name, limits);
  }
  return { problems: [{ path: "", message: `holds no ${MANIFEST_FILE}` }] };
}
