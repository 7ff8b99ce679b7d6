import type { Database } from "../database/database.ts";
import type { Clock } from "../lib/clock.ts";
import type { PluginState } from "./broker/state.ts";
import type { ContentStore } from "./discovery/content-store.ts";
import type { PluginInstaller } from "./discovery/install/installer.ts";
import type { ApprovalStore } from "./store/approval-store.ts";
import type { HealthStore } from "./store/health-store.ts";
import type { PluginStore } from "./store/plugin-store.ts";

const DAY_MS = 86_400_000;
/** A removed plugin can be brought back for so long. */
const REMOVED_DAYS = 30;

interface UpkeepParts {
  database: Database;
  clock: Clock;
  installer: PluginInstaller;
  content: ContentStore;
  plugins: PluginStore;
  approvals: ApprovalStore;
  health: HealthStore;
  state: PluginState;
}

/** Lets go of what was removed long ago: its files, its approvals, state and health, and content that nobody needs. */
export async function letGoOfRemoved(parts: UpkeepParts): Promise<void> {
  const { database, clock, installer, content, plugins, approvals, health, state } = parts;
  const before = clock.now() - REMOVED_DAYS * DAY_MS;
  await database.write(async (tx) => {
    for (const id of await plugins.pruneRemoved(tx, before)) {
      await approvals.removeOf(tx, id);
      await health.removeAll(tx, id);
      await state.removeAll(tx, id);
    }
  });
  await installer.prune(before);
  const [approved, known, removed] = await Promise.all([
    approvals.listDigests(),
    plugins.listAll(),
    plugins.listRemoved(),
  ]);
  await content.prune(new Set([...approved, ...[...known, ...removed].map(({ digest }) => digest)]));
}
