import type { Configuration } from "../config/configuration.ts";
import type { Clock } from "../lib/clock.ts";
import { parseClientMessage } from "./live/client-message.ts";
import { KNOWS_NOTHING, LiveConnection, type LiveSocket } from "./live/connection.ts";
import { Frames } from "./live/frames.ts";
import { Passes } from "./live/passes.ts";
import { Readers } from "./live/readers.ts";
import { TickLog } from "./live/tick-log.ts";
import type { Sample, SampleSource } from "./sampler.ts";
import { crosses } from "./sampling/period.ts";
import type { SeriesFilter } from "./series-filter.ts";

/** A reader whose earlier frames still wait is passed over this often … */
const MAX_SKIPS = 10;
/** … and no longer than this; then it is dropped. */
const MAX_UNDRAINED_MS = 30_000;
/** A longer hole than this many frames is not replayed: the reader begins with a snapshot. */
const MAX_REPLAYED_FRAMES = 600;
/** Compressing costs about 25 µs a frame and reader: beyond this many readers bandwidth is the cheaper good. */
const MAX_COMPRESSED_READERS = 1_000;
/** How long a reader has to take the close frame before the connection is cut. */
const CLOSE_GRACE_MS = 5_000;

/** Close codes of this protocol, beside those that all sockets share (RFC 6455 §7.4: 4000–4999 are the application's). */
const CLOSE = {
  tryLater: 1013,
  badMessage: 4400,
  tooSlow: 4408,
  tooManyMessages: 4429,
} as const;

/** What a reader asks for when it connects. */
export interface LiveRequest {
  intervalSeconds: number;
  filter: SeriesFilter;
  /** The last tick an earlier connection of this reader saw. */
  since: number | undefined;
  /** Whether the reader is on another machine. */
  isRemote: boolean;
}

interface LiveMetricsParts {
  clock: Clock;
  configuration: Configuration;
  samples: SampleSource;
  /** Takes secrets out of a text: names and labels of series come from anywhere. */
  scrub?: (text: string) => string;
}

/** What the hub tells of itself. */
export interface LiveStatus {
  connections: number;
  droppedSlow: number;
  skippedFrames: number;
}

/**
 * Carries one sampling to all live readers: a snapshot, then at each reader's interval what changed since the tick
 * it stands at. Frames are serialised once and shared. A reader that does not keep up is passed over, so that
 * nothing piles up; its next frame covers what it missed.
 */
export class LiveMetrics {
  readonly #parts: LiveMetricsParts;
  readonly #log: TickLog;
  readonly #readers: Readers;
  readonly #passes: Passes<LiveConnection>;
  #unsubscribe: (() => void) | undefined;
  #droppedSlow = 0;
  #skippedFrames = 0;

  constructor(parts: LiveMetricsParts) {
    this.#parts = parts;
    const { clock, configuration, scrub = (text) => text } = parts;
    this.#log = new TickLog(clock.now(), () => configuration.settings.liveMetrics.resumeSeconds * 1_000);
    this.#readers = new Readers(
      (seconds) => parts.samples.demand(seconds),
      (filter) => new Frames(filter, this.#log, scrub),
    );
    this.#passes = new Passes(clock, (connection, dueSeq) => {
      if (connection.seq < dueSeq) this.#deliver(connection);
    });
  }

  /** Listens to the sampler. */
  start(): void {
    this.#unsubscribe = this.#parts.samples.subscribe((sample) => this.#publish(sample));
  }

  /** Sends nothing any more; the sockets themselves are closed by who opened them. */
  stop(): void {
    this.#unsubscribe?.();
    this.#passes.stop();
  }

  status(): LiveStatus {
    return {
      connections: this.#readers.size,
      droppedSlow: this.#droppedSlow,
      skippedFrames: this.#skippedFrames,
    };
  }

  /** Whether one more reader is let in. */
  hasRoom(): boolean {
    return this.#readers.size < this.#parts.configuration.settings.liveMetrics.maxConnections;
  }

  /** Takes a reader in and sends it its first frame, when there is a sample; undefined when the house is full. */
  join(socket: LiveSocket, request: LiveRequest): LiveConnection | undefined {
    if (!this.hasRoom()) {
      socket.close(CLOSE.tryLater, "There are too many live readers.");
      return undefined;
    }
    const { intervalSeconds, isRemote, filter, since } = request;
    const frames = this.#readers.framesOf(filter);
    const seq = since !== undefined && this.#canReplay(since, intervalSeconds) ? since : KNOWS_NOTHING;
    const connection = new LiveConnection(socket, { frames, isRemote, intervalSeconds, seq });
    this.#readers.add(connection);
    if (seq !== KNOWS_NOTHING) connection.replayToSeq = this.#log.latest?.seq ?? KNOWS_NOTHING;
    this.#deliver(connection);
    return connection;
  }

  /** A text frame of the reader arrived. */
  receive(connection: LiveConnection, text: string): void {
    if (connection.isClosed) return;
    if (!connection.mayTalk(this.#parts.clock.monotonic())) {
      this.#end(connection, CLOSE.tooManyMessages, "Too many messages.");
      return;
    }
    const message = parseClientMessage(text);
    if (typeof message === "string") this.#end(connection, CLOSE.badMessage, message);
    else if (message.type === "ping") this.#answerPing(connection);
    else this.#changeInterval(connection, message.seconds);
  }

  /** A frame arrived that is none of this protocol (binary). */
  refuse(connection: LiveConnection, reason: string): void {
    this.#end(connection, CLOSE.badMessage, reason);
  }

  /** The socket's buffer has run empty: the reader gets at once what it was passed over for. */
  drained(connection: LiveConnection): void {
    if (connection.isClosed || connection.socket.getBufferedAmount() > 0) return;
    connection.undrainedSinceMs = undefined;
    const isBehind = connection.skips > 0 || connection.seq < connection.replayToSeq;
    connection.skips = 0;
    if (isBehind) this.#deliver(connection);
  }

  /** The socket is closed. */
  leave(connection: LiveConnection): void {
    if (connection.isClosed) return;
    connection.isClosed = true;
    this.#readers.remove(connection);
  }

  /** The snapshot that follows names the new interval: it is the confirmation. */
  #changeInterval(connection: LiveConnection, seconds: number): void {
    this.#readers.regroup(connection, seconds);
    connection.seq = KNOWS_NOTHING;
    this.#deliver(connection);
  }

  #publish(sample: Sample): void {
    const before = this.#log.latest?.at;
    this.#log.push(sample.at, sample.measurements, this.#parts.clock.monotonic());
    const seq = this.#log.latest?.seq ?? KNOWS_NOTHING;
    for (const [seconds, readers] of this.#readers.groups()) {
      if (crosses(before, sample.at, seconds * 1_000)) this.#passes.begin(readers, seq);
    }
  }

  #deliver(connection: LiveConnection): void {
    const { latest } = this.#log;
    if (!latest || connection.isClosed) return;
    const { frames, intervalSeconds, seq } = connection;
    if (connection.socket.getBufferedAmount() > 0) {
      this.#skip(connection);
      return;
    }
    connection.undrainedSinceMs = undefined;
    connection.skips = 0;
    if (!this.#log.reaches(seq)) this.#send(connection, frames.snapshot(intervalSeconds), latest.seq);
    else if (connection.replayToSeq !== KNOWS_NOTHING) this.#replay(connection);
    else this.#send(connection, frames.delta(seq, latest), latest.seq);
  }

  /** Sends each missed tick by itself; stops when the socket's buffer fills and goes on when it has drained. */
  #replay(connection: LiveConnection): void {
    const { latest } = this.#log;
    if (!latest) return;
    for (const tick of this.#log.dueAfter(connection.seq, connection.intervalSeconds * 1_000)) {
      if (tick.seq === latest.seq) break;
      this.#send(connection, connection.frames.delta(connection.seq, tick), tick.seq);
      if (connection.undrainedSinceMs !== undefined || connection.isClosed) return;
    }
    connection.replayToSeq = KNOWS_NOTHING;
    this.#send(connection, connection.frames.delta(connection.seq, latest), latest.seq);
  }

  #canReplay(since: number, intervalSeconds: number): boolean {
    if (!this.#log.reaches(since)) return false;
    return this.#log.dueAfter(since, intervalSeconds * 1_000).length <= MAX_REPLAYED_FRAMES;
  }

  #send(connection: LiveConnection, text: string, seq: number): void {
    const compress = connection.isRemote && this.#readers.size <= MAX_COMPRESSED_READERS;
    const written = connection.socket.sendText(text, compress);
    connection.seq = seq;
    if (written === 0) this.#dropSlow(connection);
    else if (written < 0) connection.undrainedSinceMs ??= this.#parts.clock.monotonic();
  }

  #skip(connection: LiveConnection): void {
    const nowMs = this.#parts.clock.monotonic();
    connection.undrainedSinceMs ??= nowMs;
    connection.skips += 1;
    this.#skippedFrames += 1;
    const waitedMs = nowMs - connection.undrainedSinceMs;
    if (connection.skips >= MAX_SKIPS || waitedMs >= MAX_UNDRAINED_MS) this.#dropSlow(connection);
  }

  #dropSlow(connection: LiveConnection): void {
    this.#droppedSlow += 1;
    this.#end(connection, CLOSE.tooSlow, "The reader does not keep up.");
  }

  #answerPing(connection: LiveConnection): void {
    if (connection.socket.getBufferedAmount() > 0) return; // who does not read needs no pong
    connection.socket.sendText(JSON.stringify({ type: "pong", at: this.#parts.clock.now() }));
  }

  #end(connection: LiveConnection, code: number, reason: string): void {
    if (connection.isClosed) return;
    this.leave(connection);
    const { socket } = connection;
    socket.close(code, reason);
    this.#parts.clock.after(CLOSE_GRACE_MS, () => socket.terminate());
  }
}
