import { basename } from "node:path";
import { AppError, errorCodeOf, toAppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { Logger } from "../logger.ts";
import type { WatchedFileView } from "../model.ts";
import type { LogStore } from "../store.ts";
import { shareOut, tooFewPlaces } from "./file-places.ts";
import { FollowedFile, type FollowOptions, type LineSink } from "./followed-file.ts";
import { WatchedPattern } from "./watched-pattern.ts";

/** How often patterns are looked up again; a plain path is looked at in each pass. */
const SCAN_INTERVAL_MS = 5_000;
/** Entries of folders that a scan looks at, over all patterns; what lies below a pattern may be a whole disk. */
const MAX_ENTRIES_A_SCAN = 20_000;
/** How long a scan keeps files waiting. */
const MAX_SCAN_MS = 500;

/** A path or pattern, and how its files are read. */
export interface WatchedPath extends Omit<FollowOptions, "source"> {
  path: string;
  /** The file's name unless given. */
  source?: string | undefined;
}

interface Followed {
  file: FollowedFile;
  problem: string | undefined;
}

interface WatcherParts {
  clock: Clock;
  log: Logger;
  store: Pick<LogStore, "append" | "reader">;
}

/**
 * Takes the lines of files as they come. `pass` looks at each of them once, one after the other, and waits for the store:
 * when that is slow, files wait on the disk, and no more than one piece of one of them is in memory.
 */
export class FileWatcher {
  readonly #parts: WatcherParts;
  readonly #sink: LineSink;
  readonly #passing = new Mutex();
  readonly #followed = new Map<string, Followed>();
  #patterns: readonly WatchedPattern<WatchedPath>[] = [];
  /** Patterns that are no longer watched, until they are let go of. */
  #former: WatchedPattern<WatchedPath>[] = [];
  #scannedAt = Number.NEGATIVE_INFINITY;
  /** Patterns of which not every file is followed, and why. */
  readonly #incomplete = new Map<string, string>();
  /** Those of them that the log was told of, since they are watched. */
  readonly #told = new Set<string>();
  #isClosing = false;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    const { store, clock } = parts;
    this.#sink = {
      get reader() {
        return store.reader;
      },
      now: () => clock.now(),
      append: (lines, alongside) => store.append(lines, { alongside }),
    };
  }

  /** Takes what is to be followed from the next pass on. */
  configure(watched: readonly WatchedPath[]): void {
    this.#former.push(...this.#patterns);
    this.#patterns = watched.map((entry) => new WatchedPattern(entry));
    this.#scannedAt = Number.NEGATIVE_INFINITY;
    this.#told.clear();
  }

  list(): WatchedFileView[] {
    const files = [...this.#followed.values()].map(({ file, problem }) => ({
      path: file.path,
      ...file.status,
      problem: problem ?? null,
    }));
    const nothing = { source: "", sizeBytes: 0, readBytes: 0 };
    return [...files, ...[...this.#incomplete].map(([path, problem]) => ({ path, ...nothing, problem }))];
  }

  /**
   * Takes what every file has to give, until it is closed. A file that cannot be read keeps nothing from the others.
   * @throws what is neither of a file nor of the store, once the others had their turn
   */
  pass(): Promise<void> {
    return this.#passing.run(async () => {
      const defects: unknown[] = [];
      await this.#scanWhenDue(defects);
      for (const followed of this.#followed.values()) {
        if (this.#isClosing) break;
        await this.#passOne(followed, defects);
      }
      if (defects.length > 0) throw defects[0];
    });
  }

  async #passOne(followed: Followed, defects: unknown[]): Promise<void> {
    try {
      await followed.file.pass();
      followed.problem = undefined;
    } catch (thrown) {
      this.#note(followed, thrown);
      if (!(thrown instanceof AppError) && errorCodeOf(thrown) === "") defects.push(thrown);
    }
  }

  /** Lets go of every file; a pass under way goes no further than the file it is at. */
  close(): Promise<void> {
    this.#isClosing = true;
    return this.#passing.run(async () => {
      for (const { file } of this.#followed.values()) await file[Symbol.asyncDispose]();
      this.#followed.clear();
      for (const pattern of [...this.#former, ...this.#patterns]) await pattern[Symbol.asyncDispose]();
      this.#former = [];
    });
  }

  async #scanWhenDue(defects: unknown[]): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (now - this.#scannedAt < SCAN_INTERVAL_MS) return;
    this.#scannedAt = now;
    const found = await this.#scan();
    for (const [path, followed] of this.#followed) {
      if (found.has(path)) continue;
      // One that is gone is read to its end first.
      await this.#passOne(followed, defects);
      await followed.file[Symbol.asyncDispose]();
      this.#followed.delete(path);
    }
    for (const [path, options] of found) {
      const known = this.#followed.get(path);
      if (known) known.file.options = options;
      else
        this.#followed.set(path, { file: new FollowedFile(path, options, this.#sink), problem: undefined });
    }
  }

  /** The files to follow, by path; the first entry that names one counts. */
  async #scan(): Promise<Map<string, FollowOptions>> {
    for (const pattern of this.#former) await pattern[Symbol.asyncDispose]();
    this.#former = [];
    const patterns = this.#patterns;
    const wereListed = patterns.map(({ isListed }) => isListed);
    await this.#look(patterns);
    const named = new Set<string>();
    const wanted = patterns.map(({ files }) => {
      const own = [...files].filter((path) => !named.has(path));
      for (const path of own) named.add(path);
      // What is followed keeps its place.
      return own.sort((a, b) => Number(this.#followed.has(b)) - Number(this.#followed.has(a)));
    });
    const shares = shareOut(wanted.map(({ length }) => length));
    const chosen = new Map<string, FollowOptions>();
    this.#incomplete.clear();
    for (const [index, pattern] of patterns.entries()) {
      const { path: _path, source, startAt, ...format } = pattern.entry;
      const followed = (wanted[index] ?? []).slice(0, shares[index]);
      for (const path of followed) {
        const options = { ...format, source: source ?? basename(path) };
        chosen.set(path, { ...options, startAt: wereListed[index] ? "start" : startAt });
      }
      this.#tell(pattern, wanted[index]?.length ?? 0, followed.length);
    }
    return chosen;
  }

  /** Looks for the files of patterns, each with its part of what one scan may take. */
  async #look(patterns: readonly WatchedPattern<WatchedPath>[]): Promise<void> {
    const { clock } = this.#parts;
    const searched = Math.max(1, patterns.filter(({ isPattern }) => isPattern).length);
    const most = Math.ceil(MAX_ENTRIES_A_SCAN / searched);
    for (const pattern of patterns) {
      const endsAt = clock.monotonic() + MAX_SCAN_MS / searched;
      await pattern.look(most, () => clock.monotonic() > endsAt);
    }
  }

  /** Says of which pattern not every file is followed: to who asks, and once to the log, until the settings change. */
  #tell({ entry: { path }, problem }: WatchedPattern<WatchedPath>, named: number, followed: number): void {
    const why = followed < named ? tooFewPlaces(named, followed) : problem;
    if (why === undefined) return;
    this.#incomplete.set(path, why);
    if (this.#told.has(path)) return;
    this.#told.add(path);
    this.#parts.log.warning("Not every file of a pattern is followed", { path, problem: why });
  }

  #note(followed: Followed, thrown: unknown): void {
    const error = toAppError(thrown);
    const code = errorCodeOf(thrown);
    const problem = error.code === "internal" && code !== "" ? `it cannot be read (${code})` : error.message;
    if (followed.problem !== problem) {
      const { path } = followed.file;
      this.#parts.log.warning("A watched file is not read", { path, problem, error });
    }
    followed.problem = problem;
  }
}
