import type { EventPayload } from "../../schema/events/index.ts";
import type { Configuration, Replacement } from "../config/configuration.ts";
import { type ConfigurationIssue, InvalidConfiguration } from "../config/invalid-configuration.ts";
import { toAppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logs/logger.ts";

/** Tells the rest of the house; the event bus is one. */
export interface ConfigurationEvents {
  publish<Name extends "config.changed" | "config.rejected">(name: Name, payload: EventPayload<Name>): void;
}

/** Where a change comes from: each has at most one rejection that stands. */
export type ChangeSource = "files" | "remote" | "overrides" | "secrets";

/** A change that was not taken; the settings before it go on. */
export interface Rejection {
  source: ChangeSource;
  /** Epoch milliseconds. */
  at: number;
  message: string;
  problems: readonly ConfigurationIssue[];
}

interface JournalOptions {
  configuration: Configuration;
  clock: Clock;
  log: Logger;
  events: ConfigurationEvents;
}

const SOURCE_WORDS: Readonly<Record<ChangeSource, string>> = {
  files: "configuration files",
  remote: "remote source",
  overrides: "run-time overrides",
  secrets: "secrets",
};

/** Says what became of each change of the configuration, in log, event and status, the same everywhere. */
export class ConfigurationJournal {
  readonly #options: JournalOptions;
  readonly #rejections = new Map<ChangeSource, Rejection>();
  #changedAt: number | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** What was not taken and has not been put right since. */
  get rejections(): Rejection[] {
    return [...this.#rejections.values()];
  }

  /** When settings last changed since the start, epoch milliseconds. */
  get changedAt(): number | undefined {
    return this.#changedAt;
  }

  /** The change was taken. @param by who made it; empty for an edited file. */
  accepted(source: ChangeSource, { changes, failures }: Replacement, by: string): void {
    const { clock, log, events, configuration } = this.#options;
    if (this.#rejections.delete(source)) log.info("The configuration is valid again", { source });
    for (const error of failures) {
      log.error("A part did not take the new settings", { error: toAppError(error) });
    }
    if (changes.length === 0) return;
    this.#changedAt = clock.now();
    const keys = changes.map(({ key }) => key);
    const needsRestart = keys.filter((key) => configuration.pendingRestart.has(key));
    log.info("Settings took new values", { source, by, keys, needsRestart });
    const origin = changes[0]?.origin.origin ?? SOURCE_WORDS[source];
    events.publish("config.changed", { keys, origin, by, needsRestart });
  }

  /** The change was not taken. Said once, as long as it is wrong in the same way. @throws what is no matter of settings. */
  rejected(source: ChangeSource, thrown: unknown): void {
    if (!(thrown instanceof InvalidConfiguration)) throw thrown;
    const { clock, log, events } = this.#options;
    const { message, problems } = thrown;
    const isKnown = this.#rejections.get(source)?.message === message;
    this.#rejections.set(source, { source, at: clock.now(), message, problems });
    if (isKnown) return;
    log.warning("A change of the configuration was not taken; the settings before it go on", {
      source,
      reason: message,
    });
    const [first] = problems;
    events.publish("config.rejected", {
      origin: first?.origin ?? SOURCE_WORDS[source],
      message,
      ...(first?.path ? { key: first.path } : {}),
      ...(first?.line === undefined ? {} : { line: first.line }),
      ...(first?.column === undefined ? {} : { column: first.column }),
    });
  }
}
