import type { PluginManifest } from "../../../schema/plugin/manifest.ts";

/** What a manifest says that this version takes, keeps and does not act on: as sentences for its author. */
export function plannedFields({ queries, datasources, permissions }: PluginManifest): string[] {
  const isUsed = { queries, datasources, "permissions.registry": permissions?.registry };
  return Object.entries(isUsed)
    .filter(([, entries]) => entries !== undefined && entries.length > 0)
    .map(
      ([field]) =>
        `"${field}" takes effect with a later version of Binnacle; until then nothing is registered`,
    );
}
