import { AppError } from "../errors/app-error.ts";
import { Bell } from "../lib/bell.ts";
import { foldLine, type LineFilter, matchesLine } from "./filter.ts";
import type { LogLine } from "./line.ts";
import type { FoldedText } from "./text-query.ts";

const MAX_READERS = 500;
/** Lines that wait for one reader; further ones are dropped and counted. */
const MAX_WAITING = 2_000;
const RETRY_MS = 10_000;

/** What a reader is given: a line, or how many it was too slow for. */
export type LiveItem = { line: LogLine } | { dropped: number };

interface Reader {
  filter: LineFilter;
  waiting: LogLine[];
  dropped: number;
  hasEnded: boolean;
  bell: Bell;
}

/** Live readers: each line that comes in is filtered here and waits, bounded, for whoever wants it. */
export class LiveLines {
  readonly #readers = new Set<Reader>();
  #droppedLines = 0;

  get status(): { readers: number; droppedLines: number } {
    return { readers: this.#readers.size, droppedLines: this.#droppedLines };
  }

  /** @throws AppError `rate_limited` when there are too many readers. */
  refuseWhenFull(): void {
    if (this.#readers.size < MAX_READERS) return;
    throw new AppError("rate_limited", "There are too many live readers of logs.", {
      retryAfterMs: RETRY_MS,
    });
  }

  /** Whether anybody reads: lines are only made then. */
  isListening(): boolean {
    return this.#readers.size > 0;
  }

  /** Passes lines on to every reader that wants them; never waits for one. */
  hear(lines: readonly LogLine[]): void {
    const folded = new Map<LogLine, FoldedText>();
    // Once, however many readers look for words in it.
    const fold = (line: LogLine): FoldedText => {
      const known = folded.get(line) ?? foldLine(line);
      folded.set(line, known);
      return known;
    };
    for (const reader of this.#readers) {
      const wanted = lines.filter((line) => matchesLine(reader.filter, line, fold));
      if (wanted.length === 0) continue;
      const room = MAX_WAITING - reader.waiting.length;
      reader.waiting.push(...wanted.slice(0, room));
      const dropped = Math.max(0, wanted.length - room);
      reader.dropped += dropped;
      this.#droppedLines += dropped;
      reader.bell.ring();
    }
  }

  /**
   * Lines as they come in. It ends by `return()` at any moment, also while it waits.
   * @throws AppError `rate_limited`
   */
  follow(filter: LineFilter): AsyncIterableIterator<LiveItem> {
    this.refuseWhenFull();
    const reader: Reader = { filter, waiting: [], dropped: 0, hasEnded: false, bell: new Bell() };
    this.#readers.add(reader);
    return {
      next: async () => {
        while (!reader.hasEnded) {
          const line = reader.waiting.shift();
          if (line) return { done: false, value: { line } };
          // What was dropped came after everything that waited.
          const { dropped } = reader;
          reader.dropped = 0;
          if (dropped > 0) return { done: false, value: { dropped } };
          await reader.bell.wait();
        }
        return { done: true, value: undefined };
      },
      return: async () => {
        reader.hasEnded = true;
        this.#readers.delete(reader);
        reader.bell.ring();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Ends every reader. */
  close(): void {
    for (const reader of this.#readers) {
      reader.hasEnded = true;
      reader.bell.ring();
    }
    this.#readers.clear();
  }
}
