import type { Sample, SampleSource } from "../sampler.ts";
import { crosses } from "./period.ts";

/**
 * Samples for one slow consumer, at its interval: the latest one at once, then each that is due. A consumer that is
 * busy when several fall due gets only the newest, so nothing piles up. Samples are demanded from the first `next`
 * until `return`.
 */
export class SampleFeed implements AsyncIterableIterator<Sample> {
  readonly #source: SampleSource;
  readonly #intervalSeconds: number;
  #stop: (() => void) | undefined;
  #isDone = false;
  #ready: Sample | undefined;
  #lastAt: number | undefined;
  #wake: (() => void) | undefined;

  constructor(source: SampleSource, intervalSeconds: number) {
    this.#source = source;
    this.#intervalSeconds = intervalSeconds;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Sample>> {
    if (this.#isDone) return { done: true, value: undefined };
    this.#stop ??= this.#begin();
    if (this.#ready === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const sample = this.#ready;
    this.#ready = undefined;
    return sample === undefined ? { done: true, value: undefined } : { done: false, value: sample };
  }

  /** Ends the feed at once, also a `next` that waits. */
  async return(): Promise<IteratorResult<Sample>> {
    this.#isDone = true;
    this.#stop?.();
    this.#ready = undefined;
    this.#wake?.();
    return { done: true, value: undefined };
  }

  #begin(): () => void {
    const release = this.#source.demand(this.#intervalSeconds);
    const unsubscribe = this.#source.subscribe((sample) => this.#take(sample));
    if (this.#source.last) this.#take(this.#source.last);
    return () => {
      unsubscribe();
      release();
    };
  }

  #take(sample: Sample): void {
    const isDue = crosses(this.#lastAt, sample.at, this.#intervalSeconds * 1_000);
    this.#lastAt = sample.at;
    if (!isDue) return;
    this.#ready = sample;
    this.#wake?.();
    this.#wake = undefined;
  }
}
