import type { Clock } from "../lib/clock.ts";
import { Observable } from "../lib/observable.ts";
import { Retry } from "../lib/retry.ts";
import { EMPTY, merged, type Segment } from "./log-segment.ts";
import type { LogTail } from "./log-tail.ts";
import type { LogLine, LogPlace, LogQuery, Logs, LogWindow } from "./logs.ts";
import { type ApiProblem, asProblem } from "./problem.ts";

/** Lines held at once; what is farther from the reader than that leaves and is asked for again. */
export const MAX_HELD = 3_000;
/** Lines of one question. */
const PAGE = 400;
const AROUND = PAGE / 2;

export type Busy = "jump" | "older" | "newer" | undefined;

/** What is asked for, and how it is asked again when nobody answers. */
interface Question {
  what: Exclude<Busy, undefined>;
  place: LogPlace;
  again: () => void;
}

/** How a query is opened. */
export interface Opening {
  /** Number of the line to begin around; the newest unless given. */
  at?: number | undefined;
  /** Whether lines that come in are followed. */
  isLive: boolean;
}

/**
 * Reads a log of any length through one segment: it grows at the end that is neared and shrinks at the other, moves
 * elsewhere by a jump, and takes what comes in while it reaches to the newest. A question that nobody answered is asked
 * again by itself; until then what is held stays.
 */
export class LogReader {
  readonly segment = new Observable<Segment | undefined>(undefined);
  readonly busy = new Observable<Busy>(undefined);
  readonly problem = new Observable<ApiProblem | undefined>(undefined);
  /** Lines that came in while the reader looked elsewhere. */
  readonly unseen = new Observable(0);
  /** Lines that the live tail left out since this query was opened. */
  readonly dropped = new Observable(0);
  readonly #logs: Pick<Logs, "window">;
  readonly #tail: Pick<LogTail, "follow" | "stop" | "phase">;
  readonly #onLive: (lines: readonly LogLine[]) => void;
  #query: LogQuery | undefined;
  #isFollowing = true;
  #turn = 0;
  /** Lines that came in while newer ones, or a jump, were on their way: the answer may have been made before them. */
  #meanwhile: LogLine[] = [];
  /** What was written meanwhile may be more than was heard. */
  #isBehind = false;
  /** Where to jump once the jump under way has ended. */
  #wanted: { start: number | undefined } | undefined;
  readonly #retry: Retry;

  /** @param onLive hears every line that comes in. */
  constructor(
    logs: Pick<Logs, "window">,
    tail: Pick<LogTail, "follow" | "stop" | "phase">,
    after: Clock["after"],
    onLive: (lines: readonly LogLine[]) => void = () => {},
  ) {
    this.#logs = logs;
    this.#tail = tail;
    this.#retry = new Retry(after);
    this.#onLive = onLive;
  }

  get phase(): LogTail["phase"] {
    return this.#tail.phase;
  }

  /** Reads another query; never throws, the outcome is in `segment` and `problem`. */
  async open(query: LogQuery, { at, isLive }: Opening): Promise<void> {
    this.stop();
    this.#query = query;
    this.#isFollowing = at === undefined;
    if (isLive) {
      this.#tail.follow(query, {
        opened: () => this.#resume(),
        lines: (lines) => this.#hear(lines),
        dropped: (count) => this.#miss(count),
      });
    }
    await this.jump(at);
  }

  stop(): void {
    this.#turn += 1;
    this.#retry.cancel();
    this.#tail.stop();
    this.#query = undefined;
    this.#wanted = undefined;
    this.#meanwhile = [];
    this.#isBehind = false;
    this.segment.set(undefined);
    this.busy.set(undefined);
    this.problem.set(undefined);
    this.unseen.set(0);
    this.dropped.set(0);
  }

  /** Whether the reader stays at the newest line: then old lines make room for new ones. */
  setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    if (isFollowing) this.unseen.set(0);
  }

  /** Moves to the lines around a number; to the newest without one. Of several that are asked for at once the last counts. */
  async jump(start?: number): Promise<void> {
    if (this.busy.value === "jump") {
      this.#wanted = { start };
      return;
    }
    const isToNewest = start === undefined;
    const place = isToNewest ? { before: PAGE, after: 0 } : { start, before: AROUND, after: AROUND };
    const again = () => void this.jump(start);
    await this.#ask({ what: "jump", place, again }, (window) => {
      const known = this.#span(window);
      const newerStart = isToNewest ? undefined : (window.newerStart ?? undefined);
      this.segment.set({
        ...known,
        lines: window.items,
        olderStart: window.olderStart ?? undefined,
        newerStart,
      });
      if (isToNewest) this.unseen.set(0);
    });
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) await this.jump(wanted.start);
  }

  /** Takes older lines in; nothing when there are none or something is under way. */
  async older(): Promise<void> {
    const start = this.segment.value?.olderStart;
    if (start === undefined || this.#isOccupied) return;
    const place = { start, before: PAGE, after: 0 };
    await this.#ask({ what: "older", place, again: () => void this.older() }, (window, segment) => {
      const lines = [...window.items, ...segment.lines];
      const kept = lines.slice(0, MAX_HELD);
      const last = kept.at(-1);
      this.segment.set({
        ...this.#span(window),
        lines: kept,
        olderStart: window.olderStart ?? undefined,
        newerStart: kept.length < lines.length && last ? last.id + 1 : segment.newerStart,
      });
    });
  }

  /** Takes newer lines in; nothing when there are none or something is under way. */
  async newer(): Promise<void> {
    const start = this.segment.value?.newerStart;
    if (start === undefined || this.#isOccupied) return;
    const place = { start, before: 0, after: PAGE };
    await this.#ask({ what: "newer", place, again: () => void this.#reachNewest() }, (window, segment) => {
      this.#append(segment, window.items, {
        ...this.#span(window),
        newerStart: window.newerStart ?? undefined,
      });
    });
  }

  /** The tail stands: whatever waits to be asked again is asked now. */
  #resume(): void {
    this.#retry.now();
    void this.#catchUp();
  }

  /** What was written between the last question and the moment the tail stood. */
  async #catchUp(): Promise<void> {
    if (this.#isReachingNewest) {
      this.#isBehind = true;
      return;
    }
    const segment = this.segment.value;
    if (segment === undefined || segment.newerStart !== undefined) return;
    this.segment.set({ ...segment, newerStart: (segment.lines.at(-1)?.id ?? segment.lastId) + 1 });
    if (this.#isFollowing) await this.#reachNewest();
  }

  async #reachNewest(): Promise<void> {
    await this.newer();
    const isBehind = this.segment.value?.newerStart !== undefined && !this.#isOccupied;
    // More than a page: the newest are what is wanted.
    if (this.#isFollowing && isBehind) await this.jump();
  }

  #hear(lines: readonly LogLine[]): void {
    this.#onLive(lines);
    if (!this.#isFollowing) this.unseen.set(this.unseen.value + lines.length);
    if (this.#isReachingNewest) this.#remember(lines);
    const segment = this.segment.value;
    if (segment === undefined) return;
    const lastId = Math.max(segment.lastId, lines.at(-1)?.id ?? 0);
    if (segment.newerStart !== undefined) this.segment.set({ ...segment, lastId });
    else this.#append(segment, lines, { firstId: segment.firstId, lastId, newerStart: undefined });
  }

  /** Whether something is under way, or waits to be asked again. */
  get #isOccupied(): boolean {
    return this.busy.value !== undefined || this.#retry.isWaiting;
  }

  /** Whether lines are on their way that may be the newest. */
  get #isReachingNewest(): boolean {
    return this.busy.value === "jump" || this.busy.value === "newer";
  }

  #remember(lines: readonly LogLine[]): void {
    const isTooMuch = this.#meanwhile.length + lines.length > MAX_HELD;
    this.#isBehind ||= isTooMuch;
    this.#meanwhile = isTooMuch ? [] : [...this.#meanwhile, ...lines];
  }

  /** Joins what came in while the answer was on its way, when the answer reaches to the newest. */
  async #joinMeanwhile(): Promise<void> {
    const [lines, isBehind] = [this.#meanwhile, this.#isBehind];
    this.#meanwhile = [];
    this.#isBehind = false;
    const segment = this.segment.value;
    if (segment === undefined || segment.newerStart !== undefined) return;
    if (isBehind) await this.#catchUp();
    else if (lines.length > 0) this.#append(segment, lines, segment);
  }

  /** The store has what the tail left out. */
  #miss(count: number): void {
    this.dropped.set(this.dropped.value + count);
    if (!this.#isFollowing) this.unseen.set(this.unseen.value + count);
    void this.#catchUp();
  }

  /** Puts lines behind those that are held. The front makes room for a reader who follows; else the rest waits in the store. */
  #append(
    segment: Segment,
    added: readonly LogLine[],
    rest: Pick<Segment, "firstId" | "lastId" | "newerStart">,
  ): void {
    const lastHeld = segment.lines.at(-1)?.id ?? 0;
    const isBehind = added.every(({ id }) => id > lastHeld);
    const lines = isBehind ? [...segment.lines, ...added] : merged(segment.lines, added);
    const isTooMuch = lines.length > MAX_HELD;
    if (isTooMuch && rest.newerStart === undefined && !this.#isFollowing) {
      this.segment.set({ ...segment, ...rest, newerStart: lastHeld + 1 });
      return;
    }
    const kept = isTooMuch ? lines.slice(-MAX_HELD) : lines;
    const olderStart = isTooMuch ? kept[0]?.id : segment.olderStart;
    this.segment.set({ ...rest, lines: kept, olderStart });
  }

  /** What is kept, from an answer; lines that came in meanwhile count. */
  #span({ firstId, lastId, items }: LogWindow): Pick<Segment, "firstId" | "lastId"> {
    const known = this.segment.value;
    return {
      firstId: firstId ?? items[0]?.id ?? known?.firstId ?? 0,
      lastId: Math.max(lastId ?? 0, known?.lastId ?? 0),
    };
  }

  async #ask(
    { what, place, again }: Question,
    take: (window: LogWindow, segment: Segment) => void,
  ): Promise<void> {
    const query = this.#query;
    if (query === undefined) return;
    // A jump leaves behind whatever else is under way.
    this.#meanwhile = [];
    this.#retry.cancel();
    this.#turn += 1;
    const turn = this.#turn;
    this.busy.set(what);
    try {
      const window = await this.#logs.window(query, place);
      if (turn !== this.#turn) return;
      this.problem.set(undefined);
      take(window, this.segment.value ?? EMPTY);
    } catch (error) {
      if (turn !== this.#turn) return;
      const problem = asProblem(error);
      if (problem.isUnanswered) this.#retry.later(again);
      this.problem.set(problem);
    } finally {
      if (turn === this.#turn) this.busy.set(undefined);
    }
    if (turn === this.#turn) await this.#joinMeanwhile();
  }
}
