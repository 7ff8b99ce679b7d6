import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Connection } from "../../database/database.ts";
import { errorCodeOf } from "../../errors/app-error.ts";
import { startBreathing } from "../../lib/breathe.ts";
import type { NewLine } from "../line.ts";
import { asRotated, type Checkpoint, findByInode, findCheckpoint, saveCheckpoint } from "./checkpoints.ts";
import { joinLines } from "./join-lines.ts";
import { OpenFile } from "./open-file.ts";
import { type LineFormat, parseLine } from "./parse-line.ts";
import { type SplitLines, splitLines, type TextLine } from "./split-lines.ts";

/** Bytes in memory at a time; a line that is longer is taken in pieces. */
const READ_BYTES = 2 * 1_024 * 1_024;
const MAX_LINES_A_READ = 5_000;
/** How long reading of lines holds the event loop, before requests and timers run. */
const SLICE_MS = 4;
/** Lines between two looks at the clock. */
const LINES_A_LOOK = 50;
/** What one file may take of a pass before the others have their turn. */
const MAX_READS_A_PASS = 16;
/** Says that bytes of the line were no UTF-8. */
const DAMAGED_FIELD = "invalidUtf8";

/** Where the lines of a file go. */
export interface LineSink {
  reader: Connection;
  now(): number;
  /** Stores lines and what is written alongside, together. */
  append(lines: readonly NewLine[], alongside: (tx: Connection) => void): Promise<void>;
}

/** How a file is read. */
export interface FollowOptions extends LineFormat {
  source: string;
  /** Where it is begun when nothing is known of it. */
  startAt: "start" | "end";
  /** Whether lines that go on with the one before, as stack traces do, become one. */
  joinTraces?: boolean | undefined;
}

/**
 * One file whose lines are taken, whatever becomes of it: renamed, it is read to its end before the one that takes its
 * place; truncated, it is begun again; gone, it is waited for. How far it was read is stored with the lines, so that a
 * crash repeats none and loses none. A line is taken once its newline is there.
 */
export class FollowedFile implements AsyncDisposable {
  readonly path: string;
  readonly #sink: LineSink;
  #options: FollowOptions;
  #file: OpenFile | undefined;
  #place: Checkpoint | undefined;
  #sizeBytes = 0;
  /** How long the file was when its last record was left for what may go on with it. */
  #heldAtBytes: number | undefined;

  constructor(path: string, options: FollowOptions, sink: LineSink) {
    this.path = path;
    this.#options = options;
    this.#sink = sink;
  }

  set options(options: FollowOptions) {
    this.#options = options;
  }

  get status(): { source: string; sizeBytes: number; readBytes: number } {
    return { source: this.#options.source, sizeBytes: this.#sizeBytes, readBytes: this.#place?.offset ?? 0 };
  }

  /** Takes what has come since; bounded, so that a huge file leaves the others their turn. Throws what file or store do. */
  async pass(): Promise<void> {
    const inode = await inodeOf(this.path);
    if (this.#file && this.#file.inode !== inode) await this.#leave(this.#file);
    if (inode === undefined) return;
    this.#file ??= await this.#enter();
    await this.#noticeTruncation(this.#file);
    await this.#take(this.#file, false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
    this.#file = undefined;
  }

  /** The file went elsewhere: nothing will follow what it ends with. */
  async #leave(file: OpenFile): Promise<void> {
    if (!(await this.#take(file, true))) return;
    await this.#rememberRotated();
    await this[Symbol.asyncDispose]();
  }

  /** A pattern may name the file under its next name: it is not read twice. */
  async #rememberRotated(): Promise<void> {
    const place = this.#place;
    if (place) await this.#sink.append([], (tx) => saveCheckpoint(tx, asRotated(place), this.#sink.now()));
  }

  async #enter(): Promise<OpenFile> {
    const file = await OpenFile.open(this.path);
    const { reader } = this.#sink;
    const known = this.#place ?? findCheckpoint(reader, this.path);
    for (const candidate of [known, findByInode(reader, file.inode)]) {
      if (!candidate || !(await isSame(file, candidate))) continue;
      this.#place = { ...candidate, path: this.path };
      return file;
    }
    if (known && known.inode !== file.inode) await this.#finishRotated(known);
    const offset = known || this.#options.startAt === "start" ? 0 : await file.sizeBytes();
    const place = await this.#placeIn(file, offset);
    // What is written while the server is down is not before the beginning.
    if (offset > 0) await this.#store([], place);
    this.#place = place;
    return file;
  }

  /** The file was renamed while nobody looked: its rest is still there under another name. */
  async #finishRotated(known: Checkpoint): Promise<void> {
    const folder = dirname(this.path);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      // Links and pipes beside it are no rotated file, and some of them cannot even be looked at.
      if (!entry.isFile() || (await inodeOf(join(folder, entry.name))) !== known.inode) continue;
      await using file = await OpenFile.open(join(folder, entry.name));
      if (!(await isSame(file, known))) return;
      this.#place = known;
      // Whoever goes on writing to it does not keep us here for ever.
      const endsAt = await file.sizeBytes();
      while (!(await this.#take(file, true)) && (this.#place?.offset ?? 0) < endsAt);
      await this.#rememberRotated();
      return;
    }
  }

  async #noticeTruncation(file: OpenFile): Promise<void> {
    const place = this.#place;
    if (place && !(await isSame(file, place))) this.#place = await this.#placeIn(file, 0);
  }

  async #placeIn(file: OpenFile, offset: number): Promise<Checkpoint> {
    return { path: this.path, inode: file.inode, offset, ...(await file.fingerprint()) };
  }

  /** Returns whether everything was taken. */
  async #take(file: OpenFile, isFinal: boolean): Promise<boolean> {
    for (let reads = 0; reads < MAX_READS_A_PASS; reads++) {
      const offset = this.#place?.offset ?? 0;
      this.#sizeBytes = await file.sizeBytes();
      const bytes = await file.read(offset, Math.min(READ_BYTES, Math.max(0, this.#sizeBytes - offset)));
      const isTooLong = bytes.length === READ_BYTES && !bytes.includes(10);
      const split = splitLines(bytes, MAX_LINES_A_READ, isFinal || isTooLong);
      const { lines, takenBytes } = this.#joined(split, isFinal, offset + bytes.length);
      if (takenBytes === 0) return true;
      const place = await this.#placeIn(file, offset + takenBytes);
      await this.#store(lines, place);
      this.#place = place;
      // What is left waits for the next pass.
      if (this.#heldAtBytes !== undefined) return true;
    }
    return false;
  }

  /**
   * Lines joined into records. The last is left where it is until a line follows that does not go on with it, or until
   * the file has not grown for a pass.
   */
  #joined(split: SplitLines, isFinal: boolean, readTo: number): SplitLines {
    const { joinTraces, format } = this.#options;
    if (!joinTraces || format === "json" || format === "logfmt") return split;
    const lines = joinLines(split.lines);
    const last = lines.at(-1);
    const isAtEnd = readTo >= this.#sizeBytes;
    const isQuiet = isFinal || (isAtEnd && this.#heldAtBytes === this.#sizeBytes);
    this.#heldAtBytes = undefined;
    if (!last || last.isFull || isQuiet || (!isAtEnd && lines.length === 1)) return { ...split, lines };
    if (isAtEnd) this.#heldAtBytes = this.#sizeBytes;
    return { lines: lines.slice(0, -1), takenBytes: lines.at(-2)?.endsAt ?? 0 };
  }

  async #store(lines: readonly TextLine[], place: Checkpoint): Promise<void> {
    const now = this.#sink.now();
    const options = this.#options;
    const { source } = options;
    const breathe = startBreathing(SLICE_MS);
    const parsed: NewLine[] = [];
    for (const { text, isDamaged } of lines) {
      if (parsed.length % LINES_A_LOOK === 0) await breathe();
      const line = parseLine(text, options, now);
      const fields = isDamaged ? { ...line.fields, [DAMAGED_FIELD]: true } : line.fields;
      parsed.push({ ...line, source, ...(fields && { fields }) });
    }
    await this.#sink.append(parsed, (tx) => saveCheckpoint(tx, place, now));
  }
}

/** The same file, and not shorter or another than when it was read. */
async function isSame(
  file: OpenFile,
  { inode, offset, fingerprint, fingerprintBytes }: Checkpoint,
): Promise<boolean> {
  if (file.inode !== inode || (await file.sizeBytes()) < offset) return false;
  const now = await file.fingerprint(fingerprintBytes);
  return now.fingerprintBytes === fingerprintBytes && now.fingerprint === fingerprint;
}

/** Device and inode of the file; undefined when there is none. */
async function inodeOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT" || errorCodeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
