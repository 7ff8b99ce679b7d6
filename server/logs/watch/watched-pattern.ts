import { isPattern, PatternWalk } from "./pattern-walk.ts";

/** A path or pattern, and the files that it names as far as they are known. */
export class WatchedPattern<Entry extends { path: string }> {
  readonly entry: Entry;
  #listed: readonly string[];
  #walk: PatternWalk | undefined;
  #isListed = false;
  #isLarge = false;
  #problem: string | undefined;

  constructor(entry: Entry) {
    this.entry = entry;
    // A plain path is there or is waited for.
    this.#listed = isPattern(entry.path) ? [] : [entry.path];
  }

  /** Whether its files are to be looked for at all. */
  get isPattern(): boolean {
    return isPattern(this.entry.path);
  }

  /** Whether everything was looked through once: what is found later is new. */
  get isListed(): boolean {
    return this.#isListed;
  }

  /** What was found by the last walk that came to its end, and by the one under way. */
  get files(): ReadonlySet<string> {
    return new Set([...this.#listed, ...(this.#walk?.files ?? [])]);
  }

  get problem(): string | undefined {
    const slow = this.#isLarge ? "there is so much below it that new files are found late" : undefined;
    return this.#walk?.problem ?? this.#problem ?? slow;
  }

  /** Goes on looking, over at most so many entries of folders; the next call takes up where this one stopped. */
  async look(most: number, isLate: () => boolean): Promise<void> {
    if (!this.isPattern) {
      this.#isListed = true;
      return;
    }
    const isBegun = this.#walk !== undefined;
    this.#walk ??= new PatternWalk(this.entry.path);
    const isAtEnd = await this.#walk.look(most, isLate);
    this.#isLarge = isBegun || !isAtEnd;
    if (!isAtEnd) return;
    this.#isListed = true;
    this.#listed = this.#walk.files;
    this.#problem = this.#walk.problem;
    this.#walk = undefined;
  }

  /** Lets go of the folders it stands in. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#walk?.[Symbol.asyncDispose]();
    this.#walk = undefined;
  }
}
