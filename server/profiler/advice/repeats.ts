import { LRUCache } from "lru-cache";
import type { AnsweredQuery } from "../../lib/probe.ts";

/** Queries, each with its variables and caller's rights, that are remembered: those asked last. */
const MAX_QUERIES = 500;

/** How often a query was seen to be answered, and how often as the time before. */
export interface RepeatedQuery {
  name: string;
  /** Seen answers. */
  seen: number;
  /** Those that were the same as the one before. */
  same: number;
  totalMs: number;
  isCacheable: boolean;
}

/** Remembers of queries whether their answer changes. Only hashes of answers are kept. */
export class Repeats {
  readonly #queries = new LRUCache<string, RepeatedQuery & { answer: number | bigint }>({ max: MAX_QUERIES });

  note({ name, key, answer, durationMs, isCacheable }: AnsweredQuery): void {
    const place = String(Bun.hash(key));
    const hash = Bun.hash(answer);
    const known = this.#queries.get(place);
    if (!known) {
      this.#queries.set(place, { name, seen: 1, same: 0, totalMs: durationMs, isCacheable, answer: hash });
      return;
    }
    known.seen++;
    known.totalMs += durationMs;
    if (known.answer === hash) known.same++;
    known.answer = hash;
  }

  list(): RepeatedQuery[] {
    return [...this.#queries.values()];
  }
}
