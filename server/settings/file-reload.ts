import type { Configuration } from "../config/configuration.ts";
import { ConfigurationFiles } from "../config/configuration-files.ts";
import { FileWatch } from "../config/file-watch.ts";
import { InvalidConfiguration } from "../config/invalid-configuration.ts";
import { toAppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { Probe } from "../lib/probe.ts";
import type { Logger } from "../logs/logger.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { ConfigurationEditor } from "./configuration-editor.ts";
import type { ConfigurationJournal } from "./journal.ts";

interface ReloadParts {
  configuration: Configuration;
  files: ConfigurationFiles;
  editor: ConfigurationEditor;
  journal: ConfigurationJournal;
  timers: Timers;
  clock: Clock;
  log: Logger;
  probe?: Probe;
}

const TIMER = "config.files";
/** Where notices come, the look now and then only catches what they missed. */
const CHECK_INTERVAL_MS = 2_000;
/** Where they do not, it is what a change waits for. */
const UNNOTIFIED_INTERVAL_MS = 250;

/** Puts edits of the configuration files in force while running. An edit that cannot be taken changes nothing. */
export class FileReload {
  readonly #parts: ReloadParts;
  readonly #watch: FileWatch;
  readonly #recording = new Mutex();
  #intervalMs = 0;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
    this.#watch = new FileWatch({
      files: parts.files,
      clock: parts.clock,
      onChange: () => this.reload(),
      onHeldOpen: (paths) => this.#tellHeldOpen(paths),
    });
  }

  start(): void {
    this.#watch.start();
    this.#arm();
  }

  /** Waits for what is being written into the history. */
  async stop(): Promise<void> {
    this.#watch.stop();
    this.#parts.timers.cancel(TIMER);
    await this.#recording.run(() => undefined);
  }

  /** Reads the files and puts them in force, or says why not. */
  reload(): void {
    const { configuration, files, journal, probe } = this.#parts;
    const startedMs = performance.now();
    let hasFailed = false;
    try {
      const replacement = configuration.put(ConfigurationFiles.kinds, files.read());
      journal.accepted("files", replacement, "");
      if (replacement.changes.length > 0) this.#recordLater(replacement.changes);
    } catch (error) {
      hasFailed = true;
      journal.rejected("files", error);
    }
    probe?.observer?.record("config", "reload of files", performance.now() - startedMs, hasFailed);
  }

  /** How often to look depends on whether notices come, which can change with the folders. */
  #arm(): void {
    const intervalMs = this.#watch.isNotified ? CHECK_INTERVAL_MS : UNNOTIFIED_INTERVAL_MS;
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#parts.timers.every(TIMER, intervalMs, () => {
      this.#watch.check();
      this.#arm();
    });
  }

  /** The settings are in force already: a full disk must not undo that, so it only costs the line in the history. */
  #recordLater(changes: Parameters<ConfigurationEditor["recordOutside"]>[2]): void {
    const { editor, log } = this.#parts;
    const actor = changes[0]?.origin.origin ?? "";
    this.#recording
      .run(() => editor.recordOutside("file", actor, changes))
      .catch((error: unknown) => {
        log.error("The history of the configuration misses an edited file", { error: toAppError(error) });
      });
  }

  #tellHeldOpen(paths: readonly string[]): void {
    const message = "another process keeps it open for writing; it is read once that is over";
    const problems = paths.map((origin) => ({ path: "", message, origin }));
    this.#parts.journal.rejected("files", new InvalidConfiguration(problems));
  }
}
