import type { Clock } from "../../lib/clock.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";
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
  readonly #answers: TokenBucket;
  readonly #requests: TokenBucket;
  readonly #messages: TokenBucket;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#answers = new TokenBucket(ANSWER_FLOW, clock);
    this.#requests = new TokenBucket(REQUEST_FLOW, clock);
    this.#messages = new TokenBucket(MESSAGE_FLOW, clock);
  }

  /** Counts a frame; answers how long nothing more should be read, 0 when there is no need to rest. */
  count({ kind, payload }: Frame): number {
    if (kind === "data" || kind === "credit") return 0;
    if (kind === "response" || kind === "error") return this.#answers.owe(payload.length);
    return Math.max(this.#requests.owe(payload.length), this.#messages.owe(1));
  }
}
