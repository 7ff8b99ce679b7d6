import { randomInt } from "node:crypto";
import { readdirSync, statSync } from "node:fs";

/** Numbers that no account of a usual system has. */
export interface UserRange {
  first: number;
  count: number;
  /** Most of them that are lent at once. */
  most: number;
}

/** One range a use, apart from each other: whoever ends a browser ends every process of its user. */
export const USERS = {
  plugins: { first: 61_000, count: 4_000, most: 4_000 },
  browsers: { first: 1_900_000_000, count: 50_000_000, most: 4 },
  /** Programs that plugins run. */
  programs: { first: 1_950_000_000, count: 50_000_000, most: 64 },
} as const satisfies Record<string, UserRange>;

/** Lends unprivileged users, so that nothing which runs for plugins shares one with anything else of the machine. */
export class UserPool {
  readonly #range: UserRange;
  readonly #taken = new Set<number>();

  constructor(range: UserRange) {
    this.#range = range;
  }

  /**
   * A user that no process runs as; undefined when all are taken.
   * @param near the same number each time for the same text, when it is free; without it any, so that two servers of one machine hardly meet
   */
  take(near?: string, running: ReadonlySet<number> = usersWithProcesses()): number | undefined {
    const { first, count, most } = this.#range;
    if (this.#taken.size >= most) return undefined;
    const start = near === undefined ? randomInt(count) : Number(Bun.hash(near) % BigInt(count));
    for (let step = 0; step < count; step++) {
      const uid = first + ((start + step) % count);
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
