import { type FSWatcher, watch } from "node:fs";
import type { Clock, TimerHandle } from "../lib/clock.ts";
import { findStatus } from "./file-status.ts";

/** What is watched. */
export interface WatchedFiles {
  /** Changes whenever any of the files may have. */
  fingerprint(): string;
  /** The fingerprint before they were last read. */
  readonly lastRead: string;
  /** Files that some process is still writing. */
  beingWritten(): string[];
  /** Files that exist. */
  present(): string[];
  folders(): string[];
  isRelevant(folder: string, name: string | null): boolean;
}

interface FileWatchOptions {
  files: WatchedFiles;
  clock: Clock;
  /** The files hold something else than when they were last read, and nobody is writing them: reads them. */
  onChange: () => void;
  /** They have been held open for writing for {@link HELD_OPEN_MS}. */
  onHeldOpen: (paths: readonly string[]) => void;
}

/** So long nothing may happen to the files before they are read: an editor's several steps count as one. */
const QUIET_MS = 40;
/** A file that was there and is gone may be on its way back: editors move the old one away first. */
const VANISHED_QUIET_MS = 200;
/** How often a file that is being written is looked at again. */
const WRITTEN_RETRY_MS = 25;
const HELD_OPEN_MS = 10_000;

interface Watched {
  watcher: FSWatcher;
  identity: string;
}

/**
 * Notices changes of the configuration files: by the kernel's notices on their folders, so that files moved into
 * place, new ones and links exchanged above them count too, and by {@link check}, called now and then, where notices do
 * not come (network and container file systems).
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #pending: TimerHandle | undefined;
  #lastNoticeMs = 0;
  #writtenSinceMs: number | undefined;
  #hasToldHeldOpen = false;
  /** Files that were there when they were last looked at as a whole. */
  #present: readonly string[] = [];

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#present = this.#options.files.present();
    this.check();
  }

  stop(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  /** Whether every folder sends notices. */
  get isNotified(): boolean {
    return this.#options.files.folders().every((folder) => this.#watched.has(folder));
  }

  /** Looks whether anything has changed, notice or not. */
  check(): void {
    const { files } = this.#options;
    this.#watchFolders();
    if (this.#pending === undefined && files.fingerprint() !== files.lastRead) this.#notice();
  }

  #notice(): void {
    const { clock } = this.#options;
    this.#lastNoticeMs = clock.monotonic();
    this.#pending ??= clock.after(QUIET_MS, () => this.#settle());
  }

  #settle(): void {
    const { files, clock, onChange } = this.#options;
    this.#pending = undefined;
    const quietMs = clock.monotonic() - this.#lastNoticeMs;
    const waitMs = this.#neededQuietMs() - quietMs;
    if (waitMs > 0) {
      this.#pending = clock.after(waitMs, () => this.#settle());
      return;
    }
    if (files.fingerprint() === files.lastRead) {
      this.#writtenSinceMs = undefined;
      return;
    }
    if (this.#isBeingWritten()) {
      this.#pending = clock.after(WRITTEN_RETRY_MS, () => this.#settle());
      return;
    }
    this.#watchFolders();
    this.#present = files.present();
    onChange();
    // Written again while it was read: what was read may be a mixture, so it is read once more.
    if (files.fingerprint() !== files.lastRead) this.#notice();
  }

  #neededQuietMs(): number {
    const present = new Set(this.#options.files.present());
    return this.#present.some((path) => !present.has(path)) ? VANISHED_QUIET_MS : QUIET_MS;
  }

  #isBeingWritten(): boolean {
    const { files, clock, onHeldOpen } = this.#options;
    const paths = files.beingWritten();
    if (paths.length === 0) {
      this.#writtenSinceMs = undefined;
      this.#hasToldHeldOpen = false;
      return false;
    }
    this.#writtenSinceMs ??= clock.monotonic();
    if (!this.#hasToldHeldOpen && clock.monotonic() - this.#writtenSinceMs >= HELD_OPEN_MS) {
      this.#hasToldHeldOpen = true;
      onHeldOpen(paths);
    }
    return true;
  }

  /** Folders come, go, and are replaced by others of the same name. */
  #watchFolders(): void {
    const folders = this.#options.files.folders();
    for (const [folder, { watcher, identity }] of this.#watched) {
      if (folders.includes(folder) && identityOf(folder) === identity) continue;
      watcher.close();
      this.#watched.delete(folder);
    }
    for (const folder of folders) if (!this.#watched.has(folder)) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    const { files } = this.#options;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (files.isRelevant(folder, name)) this.#notice();
      });
      // A folder that vanishes or a kernel that runs out of watches: the look now and then goes on.
      watcher.on("error", () => {
        watcher.close();
        this.#watched.delete(folder);
      });
      this.#watched.set(folder, { watcher, identity: identityOf(folder) });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#watched.delete(folder); // no notices here: {@link isNotified} says so, and {@link check} is called more often
    }
  }
}

function identityOf(folder: string): string {
  const status = findStatus(folder);
  return status ? `${status.dev}:${status.ino}` : "";
}
