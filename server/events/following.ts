import { AppError } from "../errors/app-error.ts";
import { Bell } from "../lib/bell.ts";
import type { Event } from "./event.ts";
import type { EventLog } from "./event-log.ts";
import { anyMatches, type EventPattern } from "./pattern.ts";

/** What a follower wants. */
export interface FollowOptions {
  /** Any of these; none: everything. */
  patterns?: readonly EventPattern[];
  /** The last number it saw; what comes now when absent. */
  since?: number | undefined;
  /** Told when events between are no longer kept; without it following ends with an error. */
  onMissed?: (missed: number) => void;
}

const PAGE = 100;

/**
 * Events one after the other as they are asked for, without a gap or a repetition between those kept and those to
 * come. The ring is its buffer: a slow follower costs no memory, and falls out only when the ring has passed it.
 *
 * It ends by `return()` at any moment, also while it waits.
 * @throws AppError `events_missed` while iterating
 */
export function follow(log: EventLog, options: FollowOptions): AsyncIterableIterator<Event> {
  const bell = new Bell();
  const leave = log.listen(bell);
  const { patterns = [], onMissed } = options;
  let cursor = Math.min(options.since ?? log.newestSeq, log.newestSeq);
  let page: readonly Event[] = [];
  let at = 0;
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
    leave();
    bell.ring();
  };
  const turn = async (): Promise<void> => {
    const oldest = log.oldestSeq;
    if (cursor < oldest - 1) {
      if (!onMissed) {
        throw new AppError(
          "events_missed",
          `Events before number ${oldest} are no longer kept; begin again without since.`,
        );
      }
      onMissed(oldest - 1 - cursor);
      cursor = oldest - 1;
    }
    page = await log.after(cursor, PAGE);
    at = 0;
    if (page.length === 0 && !hasEnded) await bell.wait();
  };
  return {
    async next() {
      try {
        while (!hasEnded) {
          const event = page[at++];
          if (!event) {
            await turn();
            continue;
          }
          cursor = event.seq;
          if (anyMatches(patterns, event.type)) return { done: false, value: event };
        }
      } catch (error) {
        end();
        throw error;
      }
      return { done: true, value: undefined };
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
