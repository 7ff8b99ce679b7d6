import type { TimerHandle } from "../lib/clock.ts";
import type { TargetRow } from "./target-store.ts";

/** What is known of one target while it has something to do, or is not simply running. */
export interface Lane {
  readonly kind: string;
  readonly target: string;
  state: TargetRow["state"];
  /** Attempts that failed in a row. */
  failures: number;
  /** Deliveries waiting or under way; what the database holds, as far as it was announced. */
  waiting: number;
  running: number;
  /** One look for the next delivery at a time: two would find the same. */
  isLooking: boolean;
  /** Its turn came while it could not take it: it looks again when it can. */
  wasPassedOver: boolean;
  /** Wakes it when its next delivery falls due. */
  timer: TimerHandle | undefined;
}

/** The targets, and the order in which they get their turn: each steps back behind the others after one delivery. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #ready = new Set<Lane>();
  #waiting = 0;

  /** Deliveries waiting or under way, all targets together. */
  get waiting(): number {
    return this.#waiting;
  }

  find(kind: string, target: string): Lane | undefined {
    return this.#lanes.get(keyOf(kind, target));
  }

  /** The lane of a target; made when it has none. */
  of(kind: string, target: string): Lane {
    const key = keyOf(kind, target);
    const known = this.#lanes.get(key);
    if (known) return known;
    const lane: Lane = {
      kind,
      target,
      state: "active",
      failures: 0,
      waiting: 0,
      running: 0,
      isLooking: false,
      wasPassedOver: false,
      timer: undefined,
    };
    this.#lanes.set(key, lane);
    return lane;
  }

  values(): IterableIterator<Lane> {
    return this.#lanes.values();
  }

  count(lane: Lane, change: number): void {
    lane.waiting += change;
    this.#waiting += change;
  }

  /** Puts a lane into the row of those that may have something due. */
  makeReady(lane: Lane): void {
    lane.timer?.cancel();
    lane.timer = undefined;
    this.#ready.add(lane);
  }

  /** The lane whose turn it is. */
  takeReady(): Lane | undefined {
    const [lane] = this.#ready;
    if (lane) this.#ready.delete(lane);
    return lane;
  }

  /** Forgets a lane that has nothing to do and nothing to remember. */
  release(lane: Lane): void {
    const isPlain = lane.state === "active" && lane.failures === 0;
    if (!isPlain || lane.waiting > 0 || lane.running > 0) return;
    this.#ready.delete(lane);
    lane.timer?.cancel();
    this.#lanes.delete(keyOf(lane.kind, lane.target));
  }

  clear(): void {
    for (const lane of this.#lanes.values()) lane.timer?.cancel();
    this.#lanes.clear();
    this.#ready.clear();
    this.#waiting = 0;
  }
}

/** A kind is a plain word, so the first space ends it. */
const keyOf = (kind: string, target: string): string => `${kind} ${target}`;
