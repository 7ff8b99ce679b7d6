import type { PluginManifest } from "../../../../schema/plugin/manifest.ts";
import { assemblePackage } from "../../../../server/plugins/discovery/assemble.ts";
import type { PluginPackage } from "../../../../server/plugins/trust/plugin-package.ts";
import type { TrustedKey } from "../../../../server/plugins/trust/signature.ts";

export const LIMITS = { maxTimeoutMs: 600_000, forbiddenPaths: [] };

interface Wanted {
  manifest?: Partial<PluginManifest>;
  code?: string;
  origin?: PluginPackage["origin"];
  signature?: string;
  trustedKeys?: readonly TrustedKey[];
}

/** A plugin made of bytes, as discovery makes it. */
export function packageOf({
  manifest = {},
  code = "code",
  origin = "folder",
  signature,
  trustedKeys = [],
}: Wanted = {}): PluginPackage {
  const content = { id: "probe", version: "1.0.0", type: "task", main: "main.ts", ...manifest };
  const files = new Map(
    Object.entries({
      "plugin.json": JSON.stringify(content),
      "main.ts": code,
      ...(signature === undefined ? {} : { "plugin.sig": signature }),
    }).map(([path, text]) => [path, new TextEncoder().encode(text)]),
  );
  const made = assemblePackage(
    { origin, path: "/plugins/probe", files, isSingleFile: false },
    { limits: LIMITS, trustedKeys },
  );
  if ("problems" in made) throw new Error(JSON.stringify(made.problems));
  return made;
}

/** A permission of each host. */
export const net = (...hosts: string[]) => ({ net: hosts.map((host) => ({ host, why: "It asks there" })) });
