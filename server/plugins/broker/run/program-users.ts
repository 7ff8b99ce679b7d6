/** Apart from the users of plugins and browsers; far from those that people and packages get. */
const FIRST_UID = 1_900_100_000;
/** Programs of all plugins at once. */
const MAX_PROGRAMS = 64;

/** Hands out unprivileged users, so that no two programs that plugins run share one. */
export class ProgramUsers {
  readonly #taken = new Set<number>();

  /** Undefined when all are taken. */
  take(): number | undefined {
    for (let uid = FIRST_UID; uid < FIRST_UID + MAX_PROGRAMS; uid++) {
      if (this.#taken.has(uid)) continue;
      this.#taken.add(uid);
      return uid;
    }
    return undefined;
  }

  release(uid: number): void {
    this.#taken.delete(uid);
  }
}
