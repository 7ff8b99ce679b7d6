import type { Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { join, normalize } from "node:path";
import { errorCodeOf } from "../../errors/app-error.ts";
import { startBreathing } from "../../lib/breathe.ts";

/** Folders within each other; deeper ones are not looked through. */
const MAX_DEPTH = 32;
/** Files of one pattern that are remembered: many times as many as are followed. */
const MAX_FOUND = 10_000;
const MAGIC = /[*?[{]/;
/** Alternatives that hold folders: what they name cannot be told folder by folder. */
const FOLDERS_IN_BRACES = /\{[^}]*\//;
/** What the file system says of a folder that is not there. */
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** Whether a path stands for several files. */
export const isPattern = (path: string): boolean => MAGIC.test(path);

/** The files that a pattern names, looked for a piece at a time: what lies below it may be any size. */
export class PatternWalk {
  readonly files: string[] = [];
  /** Why folders of it cannot be read. */
  problem: string | undefined;
  readonly #glob: Bun.Glob;
  readonly #segments: readonly string[];
  readonly #base: number;
  readonly #steps: AsyncGenerator<string | undefined>;

  constructor(pattern: string) {
    const path = normalize(pattern);
    this.#glob = new Bun.Glob(path);
    this.#segments = FOLDERS_IN_BRACES.test(path)
      ? [...path.slice(0, path.search(MAGIC)).split("/").slice(0, -1), "**"]
      : path.split("/");
    this.#base = this.#segments.findIndex(isPattern);
    this.#steps = this.#below(this.#segments.slice(0, this.#base).join("/") || "/", this.#base);
  }

  /** Looks at up to `most` entries of folders, until `isLate`. Returns whether nothing is left. */
  async look(most: number, isLate: () => boolean): Promise<boolean> {
    const breathe = startBreathing();
    for (let looked = 0; looked < most && !isLate(); looked++) {
      const step = await this.#steps.next();
      if (step.done) return true;
      if (step.value !== undefined && this.files.length < MAX_FOUND) this.files.push(step.value);
      await breathe();
    }
    return false;
  }

  /** Lets go of the folders it stands in. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#steps.return(undefined);
  }

  /** One step an entry: the path of a file that is named, or nothing. @param depth of the entries, counted in segments */
  async *#below(folder: string, depth: number): AsyncGenerator<string | undefined> {
    try {
      // In the order of the folder, never as a whole: it may hold millions.
      for await (const entry of await opendir(folder)) {
        const path = join(folder, entry.name);
        if (!(await this.#isFolder(entry, path, depth))) yield this.#isNamed(entry, path) ? path : undefined;
        else {
          yield undefined;
          if (this.#mayHold(entry.name, depth)) yield* this.#below(path, depth + 1);
        }
      }
    } catch (thrown) {
      const code = errorCodeOf(thrown);
      if (code === "") throw thrown;
      if (!ABSENT.has(code)) this.problem ??= `its folder ${folder} cannot be read (${code})`;
    }
  }

  /** A link to a folder is followed where the pattern names it, not where it only fits: links may lead in circles. */
  async #isFolder(entry: Dirent, path: string, depth: number): Promise<boolean> {
    if (!entry.isSymbolicLink()) return entry.isDirectory();
    const isMeant = this.#segments[depth] === entry.name || this.#glob.match(path);
    return isMeant && (await leadsToFolder(path));
  }

  #isNamed(entry: Dirent, path: string): boolean {
    return (entry.isFile() || entry.isSymbolicLink()) && this.#glob.match(path);
  }

  #mayHold(name: string, depth: number): boolean {
    if (depth - this.#base >= MAX_DEPTH) return false;
    if (this.#segments.slice(this.#base, depth + 1).includes("**")) return true;
    const segment = this.#segments[depth];
    return depth < this.#segments.length - 1 && segment !== undefined && new Bun.Glob(segment).match(name);
  }
}

async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Whatever it is, it is told when it is opened.
    return false;
  }
}
