import type { BrokerMethods } from "../../../../schema/plugin/rpc.ts";
import type { Clock, TimerHandle } from "../../../lib/clock.ts";
import type { ServerLine } from "../server-line.ts";
import type { LogLines } from "./log-lines.ts";

type RecordedMetric = BrokerMethods["metrics.record"]["params"][number];

/** What the server takes at once. */
const MAX_A_REQUEST = 200;
/** Beyond it the plugin records faster than the server takes. */
const MAX_WAITING = 2_000;
const DELAY_MS = 100;

/** Values that a plugin records, sent together a moment later. */
export class MetricBuffer {
  readonly #line: ServerLine;
  readonly #log: LogLines;
  readonly #clock: Clock;
  #waiting: RecordedMetric[] = [];
  #timer: TimerHandle | undefined;
  #isSending = false;

  constructor(line: ServerLine, log: LogLines, clock: Clock) {
    this.#line = line;
    this.#log = log;
    this.#clock = clock;
  }

  add(metric: RecordedMetric): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#log.write("warning", "Metrics were dropped: too many are recorded", { dropped: MAX_WAITING });
      this.#waiting = [];
    }
    this.#waiting.push(metric);
    this.#timer ??= this.#clock.after(DELAY_MS, () => void this.flush());
  }

  /** Sends what waits; never throws: what the server does not take is told in the plugin's log. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#waiting.length > 0) {
        const metrics = this.#waiting.splice(0, MAX_A_REQUEST);
        await this.#line.ask("metrics.record", metrics, new AbortController().signal);
      }
    } catch (error) {
      this.#log.error("Metrics were not taken", error);
    } finally {
      this.#isSending = false;
    }
  }
}
