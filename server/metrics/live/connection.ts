import type { Frames } from "./frames.ts";

/** The number of a reader that knows nothing yet: its next frame is a snapshot. */
export const KNOWS_NOTHING = -1;
const MESSAGE_WINDOW_MS = 10_000;
const MAX_MESSAGES_A_WINDOW = 30;

/** What the hub needs of a socket: a part of Bun's `ServerWebSocket`, so that none is wrapped. */
export interface LiveSocket {
  /** Bytes written, -1 when the frame waits in the socket's buffer, 0 when it was lost. */
  sendText(text: string, compress?: boolean): number;
  getBufferedAmount(): number;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

/** One reader. Small on purpose: there may be tens of thousands. */
export class LiveConnection {
  readonly socket: LiveSocket;
  readonly frames: Frames;
  /** Frames to other machines are compressed while there are few enough readers. */
  readonly isRemote: boolean;
  intervalSeconds: number;
  /** The tick the reader stands at. */
  seq: number;
  /** Up to this tick each one due is sent by itself, so that a resumed chart has no gap. */
  replayToSeq = KNOWS_NOTHING;
  /** Ticks that were due while earlier frames still waited in the buffer. */
  skips = 0;
  /** Monotonic time since which the buffer was never seen empty. */
  undrainedSinceMs: number | undefined;
  isClosed = false;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #messagesInWindow = 0;

  constructor(
    socket: LiveSocket,
    options: { frames: Frames; isRemote: boolean; intervalSeconds: number; seq: number },
  ) {
    this.socket = socket;
    this.frames = options.frames;
    this.isRemote = options.isRemote;
    this.intervalSeconds = options.intervalSeconds;
    this.seq = options.seq;
  }

  /** Counts a message of the reader; false when it says too much. */
  mayTalk(nowMs: number): boolean {
    if (nowMs - this.#windowStartMs >= MESSAGE_WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#messagesInWindow = 0;
    }
    this.#messagesInWindow += 1;
    return this.#messagesInWindow <= MAX_MESSAGES_A_WINDOW;
  }
}
