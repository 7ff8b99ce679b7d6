import { join } from "node:path";
import type { Events } from "../../events/events.ts";
import type { SampleSource } from "../../metrics/sampler.ts";
import type { Outbound } from "../../outbound/outbound.ts";
import { LimitRules } from "../../plugins/process-limits.ts";
import type { Redactor } from "../../secrets/redactor.ts";
import type { Secrets } from "../../secrets/service.ts";
import type { Audit } from "../../security/audit.ts";
import type { Base } from "../base.ts";

/** What plugins stand on besides the base. */
export interface PluginBase extends Base {
  events: Events;
  outbound: Outbound;
  audit: Audit;
  secrets: Secrets;
  redactor: Redactor;
  samples: Pick<SampleSource, "last">;
  /** Paths of the configuration files that exist. */
  configurationFiles: readonly string[];
}

const PLUGINS_FOLDER = "plugins";

export type PluginGround = ReturnType<typeof pluginGround>;

/** Where plugins lie, and what the settings say of them. */
export function pluginGround({ configuration, folder, configurationFiles }: PluginBase) {
  const settings = () => configuration.settings.plugins;
  const pluginsFolder = settings().folder || join(folder.paths.root, PLUGINS_FOLDER);
  /** No grant of files reaches these, whatever it says. */
  const forbiddenPaths = [folder.paths.root, pluginsFolder, ...configurationFiles];
  const itemOf = (id: string) => settings().items.find((item) => item.id === id);
  return {
    settings,
    pluginsFolder,
    forbiddenPaths,
    limits: new LimitRules(settings),
    rules: () => ({
      limits: { maxTimeoutMs: settings().maxTimeoutMs, forbiddenPaths },
      trustedKeys: settings().trustedKeys,
    }),
    policy: { isRoot: process.geteuid?.() === 0 },
    /** What the server's configuration wishes for a plugin. */
    fixedWish: (id: string) => itemOf(id)?.enabled,
    /** The values that it holds of a plugin's configuration, and where they stand. */
    fixedConfig: (id: string) => {
      const values = itemOf(id)?.config;
      return values && { values, origin: configuration.origins.get("plugins.items") ?? "configuration" };
    },
  };
}
