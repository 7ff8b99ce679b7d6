import { MAX_FRAME_BYTES, MAX_REQUEST_BYTES, type WireError } from "../../../schema/plugin/rpc.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ByteSocket } from "../jail/jailed-process.ts";
import { type SentCall, SentCalls, type ServedCall, ServedCalls } from "./calls.ts";
import { badAnswer, boundWireError, ChannelError, readWireError, remoteError } from "./failure.ts";
import { encodeFrame, type Frame, type FrameKind, MAX_DATA_BYTES } from "./frames.ts";
import { Inflow } from "./inflow.ts";
import { Intake } from "./intake.ts";
import { decodeJson, encodeJson, JsonError } from "./json.ts";
import { LARGE_ANSWER_BYTES, type LargeAnswers } from "./large-answers.ts";
import { SendQueue } from "./send-queue.ts";
import { type ChannelSide, ChannelStreams } from "./streams.ts";
import type { ChannelEnding, Violation } from "./violations.ts";

/** What the owner of a channel does with what comes through it. */
export interface ChannelOptions {
  side: ChannelSide;
  clock: Clock;
  /** Requests of the other side under way at once. */
  maxServed: number;
  /** Answers a request of the other side. */
  serve(method: string, params: unknown, call: ServedCall): Promise<unknown>;
  /** Takes a message that wants no answer; false when it is none that is known. */
  notified(method: string, params: unknown): boolean;
  /** What the other side is told of a failure of this one. */
  describe(thrown: unknown): WireError;
  /** Told of each violation, before the channel ends over them. */
  violated?(violation: Violation): void;
  /** Looks through large answers elsewhere, and gives them as a text; they are parsed where they arrive when absent. */
  largeAnswers?: Pick<LargeAnswers, "read"> | undefined;
}

export interface CallChoices {
  signal?: AbortSignal;
  /** The largest answer taken, as JSON; that of a frame when absent. */
  maxAnswerBytes?: number;
}

/** Violations for which nothing happens but that they are counted; one more ends the channel. */
export const MAX_VIOLATIONS = 8;
/** So long the server takes what one plugin brought before others have their turn: as a few requests take. */
const TURN_MS = 2;

/**
 * Calls, notifications and streams between the server and one plugin process, over one socket. The server's side trusts
 * nothing that arrives: what the contract does not allow does nothing, is counted, and ends the channel when there is
 * too much of it. Everything is bounded: requests and streams under way, bytes queued, what is read a second.
 */
export class Channel {
  readonly streams: ChannelStreams;
  /** Why the channel ended, once it has. */
  readonly ended: Promise<ChannelEnding>;
  readonly #options: ChannelOptions;
  readonly #socket: ByteSocket;
  readonly #intake: Intake;
  readonly #queue: SendQueue;
  readonly #sent = new SentCalls();
  readonly #served: ServedCalls;
  readonly #inflow: Inflow;
  readonly #resolveEnded: (ending: ChannelEnding) => void;
  #ending: ChannelEnding | undefined;
  #violations = 0;
  #isResting = false;
  #isPaused = false;

  constructor(socket: ByteSocket, options: ChannelOptions) {
    const ended = Promise.withResolvers<ChannelEnding>();
    this.ended = ended.promise;
    this.#resolveEnded = ended.resolve;
    this.#socket = socket;
    this.#options = options;
    this.#served = new ServedCalls(options.maxServed);
    this.#inflow = new Inflow(options.clock);
    this.#queue = new SendQueue(
      socket,
      () => this.#end("not_reading"),
      () => this.#readOrWait(),
    );
    this.streams = new ChannelStreams(options.side, {
      send: (kind, id, payload) => this.#send(kind, id, payload),
      room: () => this.#queue.room(),
      describe: (thrown) => this.#describe(thrown),
    });
    this.#intake = new Intake({
      clock: options.clock,
      turnMs: options.side === "server" ? TURN_MS : undefined,
      take: (frame) => this.#arrived(frame),
      broken: () => this.#end("violation:bad_length"),
      turned: () => this.#readOrWait(),
    });
    socket.onData((bytes) => this.#intake.receive(bytes));
    socket.onClose(() => this.#intake.finish(() => this.#end("ended")));
  }

  /** What the other side did against the contract so far. */
  get violations(): number {
    return this.#violations;
  }

  /** Requests sent and not yet answered. */
  get requestsUnderWay(): number {
    return this.#sent.size;
  }

  /**
   * Sends a request. A cancellation by `signal` ends the wait at once; the other side is told, and answers in its time.
   * @throws ChannelError `closed`, `busy`; JsonError when the parameters cannot be sent
   */
  request(method: string, params: unknown, { signal, maxAnswerBytes }: CallChoices = {}): SentCall {
    if (this.#ending !== undefined) throw this.#closedError();
    if (this.#queue.isCongested)
      throw new ChannelError("busy", "The other side takes nothing at the moment.");
    signal?.throwIfAborted();
    const payload = encodeJson([method, params ?? null], this.#maxSentBytes);
    const { id, answer, answered, fail } = this.#sent.begin(maxAnswerBytes ?? MAX_FRAME_BYTES);
    this.#send("request", id, payload);
    const cancel = (cause: unknown): void => {
      this.#send("cancel", id);
      fail(new ChannelError("cancelled", "The request was cancelled.", { cause }));
    };
    if (signal) {
      const giveUp = (): void => cancel(signal.reason);
      signal.addEventListener("abort", giveUp, { once: true });
      void answered.then(() => signal.removeEventListener("abort", giveUp));
    }
    return { answer, answered, cancel };
  }

  /** Sends a message that wants no answer; false when it could not be: the channel ended, or is full. */
  notify(method: string, params: unknown): boolean {
    if (this.#ending !== undefined || !this.#queue.hasRoom) return false;
    this.#send("notify", 0, encodeJson([method, params ?? null], this.#maxSentBytes));
    return true;
  }

  /** Ends the channel: what is under way fails. */
  close(): void {
    this.#end("closed");
  }

  get #maxSentBytes(): number {
    return this.#options.side === "plugin" ? MAX_REQUEST_BYTES : MAX_FRAME_BYTES;
  }

  #arrived(frame: Frame): void {
    this.#meter(frame);
    const violation = this.#take(frame);
    if (violation !== undefined) this.#count(violation);
  }

  #take({ kind, id, payload }: Frame): Violation | undefined {
    switch (kind) {
      case "request":
        return this.#takeRequest(id, payload);
      case "response":
        return this.#sent.settle(id, payload.length, () => this.#readAnswer(payload));
      case "error":
        return this.#takeError(payload, (error) => this.#sent.fail(id, error));
      case "cancel":
        return this.#served.cancel(id);
      case "notify":
        return this.#takeNotification(id, payload);
      case "open":
        return this.streams.opened(id);
      case "data":
        return payload.length > MAX_DATA_BYTES ? "bad_payload" : this.streams.data(id, payload);
      case "credit":
        return this.streams.credit(id, payload);
      case "end":
        return this.streams.end(id);
      case "abort":
        return this.#takeError(payload, (error) => this.streams.abort(id, error));
      case undefined:
        return "unknown_kind";
    }
  }

  #readAnswer(payload: Uint8Array): unknown {
    const { largeAnswers } = this.#options;
    if (!largeAnswers || payload.length < LARGE_ANSWER_BYTES) return decodeJson(payload);
    return largeAnswers.read(payload).catch((cause: unknown) => {
      if (cause instanceof JsonError) this.#count("bad_payload");
      throw badAnswer(cause);
    });
  }

  #takeRequest(id: number, payload: Uint8Array): Violation | undefined {
    const call = this.#served.begin(id);
    if (typeof call === "string") return call;
    const message = this.#readMessage(payload);
    if (message === undefined) {
      this.#answer(id, "error", this.#describe(new ChannelError("remote", "The request has no form.")));
      return "bad_payload";
    }
    void this.#serve(id, message, call);
    return undefined;
  }

  async #serve(id: number, [method, params]: Message, call: ServedCall): Promise<void> {
    try {
      this.#answer(id, "response", encodeJson(await this.#options.serve(method, params, call)));
    } catch (thrown) {
      this.#answer(id, "error", this.#describe(thrown));
    }
  }

  #answer(id: number, kind: "response" | "error", payload: Uint8Array | string): void {
    this.#served.end(id);
    this.#send(kind, id, payload);
    this.#readOrWait();
  }

  #takeNotification(id: number, payload: Uint8Array): Violation | undefined {
    const message = id === 0 ? this.#readMessage(payload) : undefined;
    if (message === undefined) return "bad_payload";
    return this.#options.notified(...message) ? undefined : "unexpected_message";
  }

  #readMessage(payload: Uint8Array): Message | undefined {
    const maxBytes = this.#options.side === "server" ? MAX_REQUEST_BYTES : MAX_FRAME_BYTES;
    return payload.length <= maxBytes ? messageIn(readValue(payload)) : undefined;
  }

  #takeError(
    payload: Uint8Array,
    take: (error: ChannelError) => Violation | undefined,
  ): Violation | undefined {
    const wire = readWireError(readValue(payload));
    const violation = take(remoteError(wire ?? { code: "internal", message: "It failed without a word." }));
    return violation ?? (wire === undefined ? "bad_payload" : undefined);
  }

  #count(violation: Violation): void {
    this.#violations++;
    this.#options.violated?.(violation);
    if (this.#violations > MAX_VIOLATIONS) this.#end(`violation:${violation}`);
  }

  /** The server's side rests when a plugin brings more than its share; the plugin's side trusts the server. */
  #meter(frame: Frame): void {
    if (this.#options.side === "plugin") return;
    const restMs = this.#inflow.count(frame);
    if (restMs === 0 || this.#isResting) return;
    this.#isResting = true;
    this.#options.clock.after(restMs, () => {
      this.#isResting = false;
      this.#readOrWait();
    });
  }

  /**
   * A plugin that does not take its answers gets none of its requests read. Only one side may wait so, else both would
   * wait for each other.
   */
  #readOrWait(): void {
    if (this.#ending !== undefined || this.#options.side === "plugin") return;
    const mustWait = this.#isResting || this.#intake.isYielding || this.#queue.isCongested;
    if (mustWait === this.#isPaused) return;
    this.#isPaused = mustWait;
    if (mustWait) this.#socket.pause();
    else this.#socket.resume();
  }

  #send(kind: FrameKind, id: number, payload?: Uint8Array | string): void {
    if (this.#ending === undefined) this.#queue.send(encodeFrame(kind, id, payload));
  }

  #describe(thrown: unknown): string {
    return JSON.stringify(boundWireError(this.#options.describe(thrown)));
  }

  #end(ending: ChannelEnding): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    const error = this.#closedError();
    this.#intake.close();
    this.#queue.close();
    this.#sent.close(error);
    this.#served.close(error);
    this.streams.close(error);
    this.#socket.close();
    this.#resolveEnded(ending);
  }

  #closedError(): ChannelError {
    return new ChannelError("closed", `The channel has ended (${this.#ending}).`);
  }
}

type Message = [method: string, params: unknown];

const MAX_METHOD_LENGTH = 64;

function messageIn(value: unknown): Message | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [method, params]: unknown[] = value;
  return typeof method === "string" && method.length <= MAX_METHOD_LENGTH ? [method, params] : undefined;
}

/** The value of a payload; undefined when it has none that is taken. */
function readValue(payload: Uint8Array): unknown {
  try {
    return decodeJson(payload);
  } catch {
    return undefined;
  }
}
