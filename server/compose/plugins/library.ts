import { join } from "node:path";
import { PluginCatalogue } from "../../plugins/catalogue.ts";
import { BundledPlugins } from "../../plugins/discovery/bundled.ts";
import { ContentStore } from "../../plugins/discovery/content-store.ts";
import { PluginDiscovery } from "../../plugins/discovery/discovery.ts";
import { PluginInstaller } from "../../plugins/discovery/install/installer.ts";
import { ApprovalStore } from "../../plugins/store/approval-store.ts";
import { HealthStore } from "../../plugins/store/health-store.ts";
import { PluginStore } from "../../plugins/store/plugin-store.ts";
import { PluginTrust } from "../../plugins/trust/plugin-trust.ts";
import type { PluginBase, PluginGround } from "./ground.ts";

const CONTENT_FOLDER = "plugin-store";

export type Library = Awaited<ReturnType<typeof composeLibrary>>;

/** Which plugins there are, what is kept of them, and which may run. */
export async function composeLibrary({ databases, folder, clock }: PluginBase, ground: PluginGround) {
  const { settings, pluginsFolder, rules, policy } = ground;
  const database = databases.state;
  const store = new PluginStore(database);
  const approvalStore = new ApprovalStore(database);
  const content = new ContentStore(join(folder.paths.root, CONTENT_FOLDER));
  const bundled = await BundledPlugins.load();
  const trust = new PluginTrust({
    approvals: approvalStore,
    content,
    clock,
    settings,
    limits: () => rules().limits,
  });
  const catalogue = new PluginCatalogue({
    database,
    clock,
    discovery: new PluginDiscovery(),
    content,
    plugins: store,
    approvals: approvalStore,
    trust,
    places: () => ({
      folder: pluginsFolder,
      paths: settings().items.flatMap(({ path }) => path ?? []),
      bundled: bundled.under(rules()),
      rules: rules(),
      policy,
    }),
  });
  return {
    store,
    approvalStore,
    healthHistory: new HealthStore(database),
    content,
    trust,
    catalogue,
    installer: new PluginInstaller({ folder: () => pluginsFolder, rules, policy, clock }),
  };
}
