import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STATE_MIGRATIONS } from "../../schema/migrations/state/index.ts";
import { Database } from "../../server/database/database.ts";
import { Events } from "../../server/events/events.ts";
import { systemClock } from "../../server/lib/clock.ts";
import { silentLogger } from "../../server/logs/logger.ts";
import { type Benchmark, type Figure, median } from "./model.ts";

const SUBSCRIBERS = 100;
const EVENTS = 20_000;
/** Publishers that wait for their event before the next, at once: what shares one flush to disk. */
const PUBLISHERS = 500;
const ONE_BY_ONE = 500;
const ROUNDS = 3;

interface Round {
  published: number;
  heard: number;
  oneByOne: number;
  roundTripMs: number;
}

async function round(): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-bench-"));
  const database = Database.open({
    path: join(folder, "state.db"),
    migrations: STATE_MIGRATIONS,
    synchronous: "FULL",
  });
  const events = new Events({ database, clock: systemClock, log: silentLogger });
  await events.start();
  let heard = 0;
  const waiting = new Map<number, () => void>();
  for (let index = 0; index < SUBSCRIBERS; index++) {
    const isLast = index === SUBSCRIBERS - 1;
    events.subscribe(
      index % 2 === 0 ? "metrics.*" : "**",
      ({ seq }) => {
        heard++;
        if (isLast) waiting.get(seq)?.();
      },
      { name: `bench-${index}`, maxQueued: EVENTS },
    );
  }
  const publish = (reason: string) => events.publish({ type: "metrics.paused", payload: { reason } });
  let left = EVENTS;
  const publisher = async (): Promise<void> => {
    while (left-- > 0) await publish("a disk that is nearly full");
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: PUBLISHERS }, publisher));
  const publishedMs = performance.now() - startedAt;
  while (heard < EVENTS * SUBSCRIBERS) await new Promise((resolve) => setImmediate(resolve));
  const heardMs = performance.now() - startedAt;
  const aloneAt = performance.now();
  const trips: number[] = [];
  for (let index = 0; index < ONE_BY_ONE; index++) {
    const sentAt = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(EVENTS + index + 1, resolve);
    await publish("one by one");
    await promise;
    trips.push(performance.now() - sentAt);
  }
  const aloneMs = performance.now() - aloneAt;
  await events.stop();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  const perSecond = (count: number, ms: number): number => (count * 1_000) / ms;
  return {
    published: perSecond(EVENTS, publishedMs),
    heard: perSecond(EVENTS, heardMs),
    oneByOne: perSecond(ONE_BY_ONE, aloneMs),
    roundTripMs: median(trips),
  };
}

async function run(): Promise<Figure[]> {
  const rounds: Round[] = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round());
  const of = (key: keyof Round): number => median(rounds.map((one) => one[key]));
  return [
    {
      name: `events published with ${SUBSCRIBERS} subscribers`,
      value: of("published"),
      unit: "events/s",
      note: `on disk (flushed), ${PUBLISHERS} publishers at once; median of ${ROUNDS} rounds of ${EVENTS}`,
    },
    {
      name: `the same until all ${SUBSCRIBERS} have heard all of them`,
      value: of("heard"),
      unit: "events/s",
      note: `${SUBSCRIBERS} handler calls an event`,
    },
    {
      name: "one publisher that waits each time",
      value: of("oneByOne"),
      unit: "events/s",
      note: "one flush an event",
    },
    {
      name: "from publish to the last subscriber",
      value: of("roundTripMs"),
      unit: "ms",
      note: "median, one at a time",
    },
  ];
}

const benchmark: Benchmark = { name: "events", run };
export default benchmark;
