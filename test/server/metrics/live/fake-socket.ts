import type { LiveSocket } from "../../../../server/metrics/live/connection.ts";

interface Frame {
  type: string;
  seq: number;
  at: number;
  intervalSeconds?: number;
  values: Record<string, number | null>;
  series?: { id: number; key: string }[];
}

/**
 * The reading end of a live socket: applies frames as a client does, so that a test can compare what it ends up
 * knowing. `isStuck` makes frames wait, as a reader does that has stopped reading.
 */
export class FakeSocket implements LiveSocket {
  readonly frames: Frame[] = [];
  readonly texts: string[] = [];
  readonly keys = new Map<string, string>();
  readonly state = new Map<string, number>();
  closed: { code: number; reason: string } | undefined;
  isTerminated = false;
  isStuck = false;
  /** Whether the last frame asked for compression. */
  wasCompressed = false;
  readonly #waiting: string[] = [];

  sendText(text: string, compress = false): number {
    this.wasCompressed = compress;
    if (this.closed) return 0;
    if (this.isStuck) {
      this.#waiting.push(text);
      return -1;
    }
    this.#read(text);
    return text.length;
  }

  getBufferedAmount(): number {
    return this.#waiting.reduce((sum, text) => sum + text.length, 0);
  }

  close(code = 1000, reason = ""): void {
    this.closed = { code, reason };
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** Reads again: everything that waited arrives. */
  unstick(): void {
    this.isStuck = false;
    for (const text of this.#waiting.splice(0)) this.#read(text);
  }

  get last(): Frame | undefined {
    return this.frames.at(-1);
  }

  #read(text: string): void {
    this.texts.push(text);
    const frame = JSON.parse(text) as Frame;
    if (frame.type !== "snapshot" && frame.type !== "delta") return;
    this.frames.push(frame);
    if (frame.type === "snapshot") {
      this.keys.clear();
      this.state.clear();
    }
    for (const { id, key } of frame.series ?? []) this.keys.set(String(id), key);
    for (const [id, value] of Object.entries(frame.values)) {
      const key = this.keys.get(id);
      if (key === undefined) throw new Error(`A frame speaks of the unknown series ${id}: ${text}`);
      if (value === null) this.state.delete(key);
      else this.state.set(key, value);
    }
  }
}
