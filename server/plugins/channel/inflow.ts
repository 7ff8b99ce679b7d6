import { FlowMeter } from "./flow-meter.ts";
import type { Frame } from "./frames.ts";

const MIB = 1024 * 1024;
/** JSON of answers: they were asked for. */
const ANSWER_FLOW = { perSecond: 8 * MIB, burst: 8 * MIB };
/** JSON of requests and messages: nobody asked for them. */
const REQUEST_FLOW = { perSecond: MIB, burst: 2 * MIB };
/** Requests and messages, whatever their size. */
const MESSAGE_FLOW = { perSecond: 2_000, burst: 4_000 };

/**
 * What the server reads of one plugin in the long run; reading costs the server's time, so more waits in the plugin's own
 * socket. The bytes of streams are bounded by who reads them.
 */
export class Inflow {
  readonly #answers: FlowMeter;
  readonly #requests: FlowMeter;
  readonly #messages: FlowMeter;

  constructor(nowMs: number) {
    this.#answers = new FlowMeter(ANSWER_FLOW, nowMs);
    this.#requests = new FlowMeter(REQUEST_FLOW, nowMs);
    this.#messages = new FlowMeter(MESSAGE_FLOW, nowMs);
  }

  /** Counts a frame; answers how long nothing more should be read, 0 when there is no need to rest. */
  count({ kind, payload }: Frame, nowMs: number): number {
    if (kind === "data" || kind === "credit") return 0;
    if (kind === "response" || kind === "error") return this.#answers.take(payload.length, nowMs);
    return Math.max(this.#requests.take(payload.length, nowMs), this.#messages.take(1, nowMs));
  }
}
