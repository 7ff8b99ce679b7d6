import { readdirSync, statSync } from "node:fs";

/** Numbers that no account of a usual system has; what a running process uses all the same is passed over. */
export const FIRST_PLUGIN_UID = 61_000;
export const LAST_PLUGIN_UID = 64_999;
const COUNT = LAST_PLUGIN_UID - FIRST_PLUGIN_UID + 1;

/** Hands out users so that no two running jails share one: the second process of a reload gets another. */
export class PluginUsers {
  readonly #taken = new Set<number>();

  /** A user for a new process of `pluginId`; near the same number each time. Undefined when all are taken. */
  take(pluginId: string, running: ReadonlySet<number> = usersWithProcesses()): number | undefined {
    const start = Number(Bun.hash(pluginId) % BigInt(COUNT));
    for (let step = 0; step < COUNT; step++) {
      const uid = FIRST_PLUGIN_UID + ((start + step) % COUNT);
      if (this.#taken.has(uid) || running.has(uid)) continue;
      this.#taken.add(uid);
      return uid;
    }
    return undefined;
  }

  release(uid: number): void {
    this.#taken.delete(uid);
  }
}

/** Users that some process of the machine runs as. */
function usersWithProcesses(): ReadonlySet<number> {
  const users = new Set<number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const uid = statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid;
    if (uid !== undefined) users.add(uid);
  }
  return users;
}
