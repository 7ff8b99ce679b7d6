import { describe, expect, test } from "bun:test";
import {
  type EventLoopLag,
  MeasuredEventLoopDelay,
} from "../../../../server/metrics/collect/event-loop-delay.ts";
import {
  readProcessUsage,
  SelfCollector,
  type SelfReading,
} from "../../../../server/metrics/collect/self.ts";
import { byKey, SteadyClock } from "./recorded-machine.ts";

function watchSelf() {
  const clock = new SteadyClock();
  const state = {
    cpuMicroseconds: 1_000_000,
    lag: undefined as EventLoopLag | undefined,
    reading: {} as SelfReading,
    delay: "new",
  };
  const collector = new SelfCollector({
    clock,
    cores: 4,
    readUsage: () => ({
      cpuMicroseconds: state.cpuMicroseconds,
      rssBytes: 7,
      heapBytes: 3,
      fileDescriptors: 12,
    }),
    eventLoopDelay: {
      start: () => {
        state.delay = "started";
      },
      take: () => state.lag,
      stop: () => {
        state.delay = "stopped";
      },
    },
    statistics: { read: () => state.reading },
  });
  return { clock, collector, state };
}

describe("Binnacle's own figures", () => {
  test("hold nothing that no part told of", () => {
    const { collector } = watchSelf();
    expect(byKey(collector.collect())).toEqual({
      'binnacle_memory_bytes{kind="rss"}': 7,
      'binnacle_memory_bytes{kind="heap"}': 3,
      binnacle_file_descriptors_open: 12,
    });
  });

  test("hold processor time as a share of all cores, and what the other parts told", () => {
    const { clock, collector, state } = watchSelf();
    state.reading = { httpRequests: 100 };
    collector.collect();
    clock.ms += 5000;
    state.cpuMicroseconds += 2_000_000;
    state.lag = { medianSeconds: 0.001, p99Seconds: 0.2 };
    state.reading = {
      httpRequests: 150,
      httpDurationSeconds: { median: 0.002, p99: 0.03 },
      socketsOpen: 9,
      stateDatabaseBytes: 4096,
      samplesDatabaseBytes: 8192,
    };
    expect(byKey(collector.collect())).toEqual({
      'binnacle_memory_bytes{kind="rss"}': 7,
      'binnacle_memory_bytes{kind="heap"}': 3,
      binnacle_file_descriptors_open: 12,
      binnacle_cpu_percent: 10,
      'binnacle_event_loop_lag_seconds{quantile="0.5"}': 0.001,
      'binnacle_event_loop_lag_seconds{quantile="0.99"}': 0.2,
      binnacle_http_requests_per_second: 10,
      'binnacle_http_request_duration_seconds{quantile="0.5"}': 0.002,
      'binnacle_http_request_duration_seconds{quantile="0.99"}': 0.03,
      binnacle_sockets_open: 9,
      'binnacle_database_bytes{database="state"}': 4096,
      'binnacle_database_bytes{database="samples"}': 8192,
    });
  });

  test("leave out a value that is no number", () => {
    const { collector, state } = watchSelf();
    state.reading = { socketsOpen: Number.NaN };
    expect(byKey(collector.collect())).not.toHaveProperty("binnacle_sockets_open");
  });

  test("watch the event loop between start and close only", () => {
    const { collector, state } = watchSelf();
    expect(state.delay).toBe("new");
    collector.start();
    expect(state.delay).toBe("started");
    collector.close();
    expect(state.delay).toBe("stopped");
  });
});

describe("the usage of this process", () => {
  test("is true to what the runtime says, and has no descriptors where they cannot be counted", () => {
    const usage = readProcessUsage(undefined);
    expect(usage.fileDescriptors).toBeUndefined();
    expect(usage.cpuMicroseconds).toBeGreaterThan(0);
    expect(usage.rssBytes).toBeGreaterThan(10_000_000);
    expect(usage.heapBytes).toBeGreaterThan(0);
    expect(readProcessUsage("/nowhere/fd").fileDescriptors).toBeUndefined();
  });
});

describe("the event loop's lag", () => {
  test("shows how long the loop was held, once", async () => {
    const delay = new MeasuredEventLoopDelay();
    expect(delay.take()).toBeUndefined();
    delay.start();
    // The histogram counts from its first wake-up on: what held the loop before that leaves no trace.
    let p99Seconds = 0;
    while (p99Seconds <= 0.1) {
      const until = performance.now() + 300;
      while (performance.now() < until);
      await new Promise((resolve) => setImmediate(resolve));
      p99Seconds = delay.take()?.p99Seconds ?? 0;
    }
    expect(delay.take()).toBeUndefined();
    delay.stop();
  });
});
