import type { Clock } from "../../lib/clock.ts";
import { type Frame, FrameLengthError, FrameReader } from "./frames.ts";

interface IntakeOptions {
  clock: Clock;
  /** How long frames are taken before others in this process have their turn; as long as there are any when absent. */
  turnMs: number | undefined;
  take(frame: Frame): void;
  /** Called once when a length cannot be: what follows has no meaning any more. */
  broken(): void;
  /** Called after each turn. */
  turned(): void;
}

/** Takes what arrives frame by frame, in turns: what comes in one piece can be hundreds of requests. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #reader = new FrameReader();
  readonly #unread: Uint8Array[] = [];
  #frames: Generator<Frame, void, undefined> | undefined;
  #isYielding = false;
  #isClosed = false;
  #whenRead: (() => void) | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Whether something has arrived that waits for the next turn. */
  get isYielding(): boolean {
    return this.#isYielding;
  }

  receive(bytes: Uint8Array): void {
    this.#unread.push(bytes);
    if (!this.#isYielding) this.#turn();
  }

  /** Calls `done` once everything that has arrived is taken; nothing more will. */
  finish(done: () => void): void {
    if (this.#isYielding) this.#whenRead = done;
    else done();
  }

  /** Drops what waits. */
  close(): void {
    this.#isClosed = true;
    this.#unread.length = 0;
    this.#frames = undefined;
  }

  #turn(): void {
    const { clock, turnMs, take, broken, turned } = this.#options;
    const untilMs = turnMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + turnMs;
    try {
      for (let frame = this.#next(); frame; frame = this.#next()) {
        take(frame);
        if (clock.monotonic() < untilMs) continue;
        this.#yield();
        break;
      }
    } catch (error) {
      if (!(error instanceof FrameLengthError)) throw error;
      broken();
    }
    turned();
    if (!this.#isYielding) this.#whenRead?.();
  }

  #next(): Frame | undefined {
    while (!this.#isClosed) {
      this.#frames ??= this.#begin();
      if (this.#frames === undefined) return undefined;
      const { value } = this.#frames.next();
      if (value) return value;
      this.#frames = undefined;
    }
    return undefined;
  }

  #begin(): Generator<Frame, void, undefined> | undefined {
    const bytes = this.#unread.shift();
    return bytes && this.#reader.read(bytes);
  }

  #yield(): void {
    this.#isYielding = true;
    setImmediate(() => {
      this.#isYielding = false;
      this.#turn();
    });
  }
}
