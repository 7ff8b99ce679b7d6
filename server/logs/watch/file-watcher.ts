import { basename } from "node:path";
import { AppError, errorCodeOf, toAppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { Logger } from "../logger.ts";
import type { WatchedFileView } from "../model.ts";
import type { LogStore } from "../store.ts";
import { FollowedFile, type FollowOptions, type LineSink } from "./followed-file.ts";

/** Files followed at once, each with an open descriptor. */
const MAX_FILES = 500;
/** How often patterns are looked up again; a plain path is looked at in each pass. */
const SCAN_INTERVAL_MS = 5_000;
const HAS_PATTERN = /[*?[{]/;
/** What the file system says of a folder that is not there. */
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

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
  #watched: readonly WatchedPath[] = [];
  #scannedAt = Number.NEGATIVE_INFINITY;
  #hasTooMany = false;
  #hasScanned = false;
  /** Patterns whose folders cannot be looked through, and why. */
  readonly #unread = new Map<string, string>();

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
    this.#watched = watched;
    this.#scannedAt = Number.NEGATIVE_INFINITY;
    this.#hasScanned = false;
  }

  list(): WatchedFileView[] {
    const files = [...this.#followed.values()].map(({ file, problem }) => ({
      path: file.path,
      ...file.status,
      problem: problem ?? null,
    }));
    const nothing = { source: "", sizeBytes: 0, readBytes: 0 };
    return [...files, ...[...this.#unread].map(([path, problem]) => ({ path, ...nothing, problem }))];
  }

  /**
   * Takes what every file has to give. A file that cannot be read keeps nothing from the others.
   * @throws what is neither of a file nor of the store, once the others had their turn
   */
  pass(): Promise<void> {
    return this.#passing.run(async () => {
      const defects: unknown[] = [];
      await this.#scanWhenDue(defects);
      for (const followed of this.#followed.values()) await this.#passOne(followed, defects);
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

  /** Lets go of every file. */
  close(): Promise<void> {
    return this.#passing.run(async () => {
      for (const { file } of this.#followed.values()) await file[Symbol.asyncDispose]();
      this.#followed.clear();
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
    this.#hasScanned = true;
  }

  /** The files there are, by path; the first entry that names one counts. */
  async #scan(): Promise<Map<string, FollowOptions>> {
    const found = new Map<string, FollowOptions>();
    this.#unread.clear();
    for (const { path: pattern, source, startAt, ...format } of this.#watched) {
      for await (const path of this.#pathsOf(pattern)) {
        if (found.has(path)) continue;
        if (found.size >= MAX_FILES) return this.#tellTooMany(found);
        const options = {
          ...format,
          source: source ?? basename(path),
          startAt: this.#hasScanned ? "start" : startAt,
        };
        found.set(path, options as FollowOptions);
      }
    }
    this.#hasTooMany = false;
    return found;
  }

  /** What a pattern names; a folder that is not there yet has nothing, and one that cannot be read costs only its own. */
  async *#pathsOf(pattern: string): AsyncGenerator<string> {
    if (!HAS_PATTERN.test(pattern)) {
      yield pattern;
      return;
    }
    try {
      yield* new Bun.Glob(pattern).scan({ absolute: true, dot: true });
    } catch (thrown) {
      const code = errorCodeOf(thrown);
      if (code === "") throw thrown;
      if (!ABSENT.has(code)) this.#unread.set(pattern, `its folder cannot be read (${code})`);
    }
  }

  #tellTooMany(found: Map<string, FollowOptions>): Map<string, FollowOptions> {
    if (!this.#hasTooMany) {
      this.#parts.log.warning("More files are to be watched than are followed", { most: MAX_FILES });
    }
    this.#hasTooMany = true;
    return found;
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
