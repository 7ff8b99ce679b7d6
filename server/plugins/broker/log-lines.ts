import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Logger, logContext } from "../../logs/logger.ts";
import { type Rate, RateBucket } from "./rate.ts";

export type PluginLogLevel = "debug" | "info" | "warning" | "error";

/** Who wrote a line: the plugin through its context, its process on standard error, or the server about it. */
export type PluginLogSource = "plugin" | "stderr" | "server";

/** What somebody writes into a plugin's log. */
export interface PluginSaid {
  source: PluginLogSource;
  level: PluginLogLevel;
  message: string;
  fields?: Readonly<Record<string, unknown>>;
  /** Of the plugin's call that it was written in. */
  correlationId?: string;
}

/** A line of a plugin's log. */
export interface PluginLogLine extends PluginSaid {
  /** Grows by one with each line of the plugin. */
  seq: number;
  /** Epoch milliseconds. */
  at: number;
  fields: Readonly<Record<string, unknown>>;
}

interface LogParts {
  log: Logger;
  clock: Clock;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
}

/** Lines of each plugin kept for whoever looks later. */
export const MAX_KEPT_LINES = 500;
const MAX_MESSAGE_LENGTH = 4_096;
const MAX_FIELDS_LENGTH = 8_192;
const MAX_LISTENERS = 100;
const LINES: Rate = { perSecond: 50, burst: 500 };
/** What would move a terminal's cursor, change its colours, begin a new line or turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

interface PluginLog {
  lines: PluginLogLine[];
  listeners: Set<(line: PluginLogLine) => void>;
  rate: RateBucket;
  nextSeq: number;
  dropped: number;
}

/**
 * What plugins write: into the server's log under their id, and kept in memory for the dashboard. Secrets are taken out,
 * lines are cut and limited in number; those dropped are counted and told of once there is room again.
 */
export class PluginLogs {
  readonly #parts: LogParts;
  readonly #logs = new Map<string, PluginLog>();

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  /** Never throws for what a plugin wrote. */
  write(pluginId: string, said: PluginSaid): void {
    const log = this.#logOf(pluginId);
    if (!log.rate.take()) {
      log.dropped += 1;
      return;
    }
    if (log.dropped > 0) {
      const dropped = log.dropped;
      log.dropped = 0;
      const message = "Lines were dropped: the plugin wrote too many";
      this.#keep(pluginId, log, { source: "server", level: "warning", message, fields: { dropped } });
    }
    this.#keep(pluginId, log, said);
  }

  /** The newest lines, oldest first. */
  recent(pluginId: string, limit: number): PluginLogLine[] {
    return this.#logs.get(pluginId)?.lines.slice(-limit) ?? [];
  }

  /**
   * Hears of each line from now on; must be quick and must not throw. Returns what ends it.
   * @throws AppError `overloaded` when a hundred hear it already
   */
  subscribe(pluginId: string, listener: (line: PluginLogLine) => void): () => void {
    const { listeners } = this.#logOf(pluginId);
    if (listeners.size >= MAX_LISTENERS) {
      throw new AppError("overloaded", `${MAX_LISTENERS} readers follow the log of ${pluginId} already.`);
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** The plugin is gone. */
  forget(pluginId: string): void {
    this.#logs.delete(pluginId);
  }

  #keep(pluginId: string, log: PluginLog, { message, fields = {}, ...said }: PluginSaid): void {
    const line = {
      seq: log.nextSeq++,
      at: this.#parts.clock.now(),
      ...said,
      ...this.#bounded(message, fields),
    };
    const { source, level, correlationId } = line;
    log.lines.push(line);
    if (log.lines.length > MAX_KEPT_LINES) log.lines.shift();
    const facts = { text: line.message, plugin: pluginId, source, fields: line.fields };
    // What is heard of a process would else bear the correlation id of the request that happened to start it.
    logContext.run(correlationId === undefined ? {} : { correlationId }, () =>
      this.#parts.log[level](source === "server" ? "Of a plugin" : "A plugin says", facts),
    );
    for (const listener of log.listeners) listener(line);
  }

  /** Secrets go before a text is cut: half a secret would not be recognised. */
  #bounded(
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): { message: string; fields: Record<string, unknown> } {
    const { scrub } = this.#parts;
    const text = scrub(JSON.stringify(fields));
    return {
      message: scrub(message).slice(0, MAX_MESSAGE_LENGTH).replace(UNPRINTABLE, writtenOut),
      fields: text.length > MAX_FIELDS_LENGTH ? { clipped: true } : JSON.parse(text),
    };
  }

  #logOf(pluginId: string): PluginLog {
    const known = this.#logs.get(pluginId);
    if (known) return known;
    const log: PluginLog = {
      lines: [],
      listeners: new Set(),
      rate: new RateBucket(LINES, this.#parts.clock),
      nextSeq: 1,
      dropped: 0,
    };
    this.#logs.set(pluginId, log);
    return log;
  }
}

const writtenOut = (character: string): string =>
  character === "\t" ? " " : `\\u{${character.codePointAt(0)?.toString(16)}}`;
