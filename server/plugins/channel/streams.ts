import { MAX_STREAMS, type StreamId } from "../../../schema/plugin/rpc.ts";
import type { BrokerStreams } from "../broker/broker.ts";
import { ChannelError } from "./failure.ts";
import { type FrameKind, MAX_FRAME_ID, readUint32, uint32Bytes } from "./frames.ts";
import { IncomingStream } from "./incoming-stream.ts";
import { OutgoingStream } from "./outgoing-stream.ts";
import type { Violation } from "./violations.ts";

/** Which side of the channel this is; streams of the server have even numbers, those of the plugin odd ones. */
export type ChannelSide = "server" | "plugin";

interface StreamLine {
  send(kind: FrameKind, id: StreamId, payload?: Uint8Array | string): void;
  room(): Promise<void>;
  /** JSON of an error for the other side. */
  describe(thrown: unknown): string;
}

interface Incoming {
  stream: IncomingStream;
  isAccepted: boolean;
  /** Nothing more will arrive. One that nobody has accepted yet is kept all the same: its request may come. */
  isDone: boolean;
}

const FIRST_ID: Record<ChannelSide, StreamId> = { server: 2, plugin: 1 };
const CREDIT_BYTES = 4;

const nextStreamId = (id: StreamId, side: ChannelSide): StreamId =>
  id + 2 > MAX_FRAME_ID ? FIRST_ID[side] : id + 2;

/** The streams of one channel, both ways. */
export class ChannelStreams implements BrokerStreams {
  readonly #side: ChannelSide;
  readonly #otherSide: ChannelSide;
  readonly #line: StreamLine;
  readonly #incoming = new Map<StreamId, Incoming>();
  readonly #outgoing = new Map<StreamId, OutgoingStream>();
  #lastOwn: StreamId;
  #lastOther: StreamId;

  constructor(side: ChannelSide, line: StreamLine) {
    this.#side = side;
    this.#otherSide = side === "server" ? "plugin" : "server";
    this.#line = line;
    this.#lastOwn = FIRST_ID[this.#side] - 2;
    this.#lastOther = FIRST_ID[this.#otherSide] - 2;
  }

  /** Streams that are open, either way. */
  get size(): number {
    return this.#incoming.size + this.#outgoing.size;
  }

  /** @throws ChannelError `busy` when as many are open as may be */
  open(source: ReadableStream<Uint8Array>): StreamId {
    if (this.#outgoing.size >= MAX_STREAMS) {
      throw new ChannelError("busy", `As many streams are open as may be: ${MAX_STREAMS}.`);
    }
    const id = nextStreamId(this.#lastOwn, this.#side);
    this.#lastOwn = id;
    const stream = new OutgoingStream(source, {
      data: (bytes) => this.#line.send("data", id, bytes),
      end: () => this.#line.send("end", id),
      abort: (thrown) => this.#line.send("abort", id, this.#line.describe(thrown)),
      room: () => this.#line.room(),
    });
    this.#outgoing.set(id, stream);
    this.#line.send("open", id);
    void stream.run().finally(() => this.#outgoing.delete(id));
    return id;
  }

  /** @throws ChannelError `no_stream` when there is none of that number, or somebody reads it already */
  accept(id: StreamId): ReadableStream<Uint8Array> {
    const entry = this.#incoming.get(id);
    if (entry === undefined || entry.isAccepted) {
      throw new ChannelError("no_stream", `There is no stream of the number ${id} to be read.`);
    }
    entry.isAccepted = true;
    if (entry.isDone) this.#incoming.delete(id);
    return entry.stream.readable;
  }

  /**
   * Ends a stream of this side's own that nobody will read: the request it was made for has failed. The other side keeps
   * one that failed until it is asked for, or told once more.
   */
  drop(id: StreamId, reason: unknown): void {
    this.#line.send("abort", id, this.#line.describe(reason));
    this.#outgoing.get(id)?.cancel(reason);
  }

  /** The other side has opened a stream. */
  opened(id: StreamId): Violation | undefined {
    if (id !== nextStreamId(this.#lastOther, this.#otherSide)) return "forged_id";
    this.#lastOther = id;
    if (this.#incoming.size >= MAX_STREAMS) return "too_many_streams";
    const stream = new IncomingStream({
      credit: (bytes) => this.#line.send("credit", id, uint32Bytes(bytes)),
      cancel: () =>
        this.#line.send(
          "abort",
          id,
          this.#line.describe(new ChannelError("cancelled", "Not read to its end.")),
        ),
      done: () => {
        entry.isDone = true;
        if (entry.isAccepted) this.#incoming.delete(id);
      },
    });
    const entry: Incoming = { stream, isAccepted: false, isDone: false };
    this.#incoming.set(id, entry);
    return undefined;
  }

  data(id: StreamId, bytes: Uint8Array): Violation | undefined {
    const entry = this.#incoming.get(id);
    if (entry === undefined) return "unknown_stream";
    if (entry.stream.push(bytes)) return undefined;
    entry.stream.fail(new ChannelError("closed", "More arrived than was asked for."));
    this.#incoming.delete(id);
    return "credit_overrun";
  }

  credit(id: StreamId, payload: Uint8Array): Violation | undefined {
    if (payload.length !== CREDIT_BYTES) return "bad_payload";
    const stream = this.#outgoing.get(id);
    if (stream === undefined) return this.#late(id);
    return stream.credit(readUint32(payload, 0)) ? undefined : "credit_overrun";
  }

  end(id: StreamId): Violation | undefined {
    const entry = this.#incoming.get(id);
    if (entry === undefined) return this.#late(id);
    entry.stream.end();
    return undefined;
  }

  /** From the writer: it failed, or confirms that nothing more comes. From the reader: it wants no more. */
  abort(id: StreamId, error: ChannelError): Violation | undefined {
    const entry = this.#incoming.get(id);
    if (entry) {
      const isDropped = !entry.isAccepted && entry.stream.isEnded;
      entry.stream.fail(error);
      if (isDropped) this.#incoming.delete(id);
      return undefined;
    }
    const stream = this.#outgoing.get(id);
    if (stream === undefined) return this.#late(id);
    stream.cancel(error);
    return undefined;
  }

  close(error: ChannelError): void {
    for (const { stream } of [...this.#incoming.values()]) stream.fail(error);
    for (const stream of [...this.#outgoing.values()]) stream.cancel(error);
    this.#incoming.clear();
  }

  /** Words on a stream that has ended meanwhile cross its end on the wire: they are no violation, nor do they do anything. */
  #late(id: StreamId): Violation | undefined {
    const isOwn = id % 2 === FIRST_ID[this.#side] % 2;
    return id <= (isOwn ? this.#lastOwn : this.#lastOther) ? undefined : "unknown_stream";
  }
}
