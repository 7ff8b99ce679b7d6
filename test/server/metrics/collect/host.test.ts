import { describe, expect, test } from "bun:test";
import { parseFileNr } from "../../../../server/metrics/collect/file-descriptors.ts";
import { HostCollector, type HostReading, parseUptime } from "../../../../server/metrics/collect/host.ts";
import { LoadCollector, parseLoadavg } from "../../../../server/metrics/collect/load.ts";
import { byKey, SteadyClock } from "./recorded-machine.ts";

describe("the host", () => {
  test("shows its uptime at once and its rates from the second tick", () => {
    const clock = new SteadyClock();
    let reading: HostReading = { uptimeSeconds: 10, contextSwitches: 100, interrupts: 1000 };
    const collector = new HostCollector(() => reading, clock);
    expect(byKey(collector.collect(0))).toEqual({ host_uptime_seconds: 10 });
    clock.ms += 5000;
    reading = { uptimeSeconds: 15, contextSwitches: 600, interrupts: 1050 };
    expect(byKey(collector.collect(5000))).toEqual({
      host_uptime_seconds: 15,
      context_switches_per_second: 100,
      interrupts_per_second: 10,
    });
  });

  test("forms its rates by the steady clock: the wall clock may jump about", () => {
    const clock = new SteadyClock();
    let contextSwitches = 0;
    const read = () => ({ uptimeSeconds: undefined, contextSwitches, interrupts: undefined });
    const collector = new HostCollector(read, clock);
    const rates = [1_000_000, 1_000_000 + 86_400_000, 5, 5_000].map((wallTime) => {
      clock.ms += 5000;
      contextSwitches += 500;
      return byKey(collector.collect(wallTime)).context_switches_per_second;
    });
    expect(rates).toEqual([undefined, 100, 100, 100]);
  });

  test("has no uptime in a text that holds none", () => {
    expect(parseUptime("1829.23 3500.10\n")).toBe(1829.23);
    for (const text of ["", "\n", "12", "x 1\n"]) expect(parseUptime(text)).toBeUndefined();
  });
});

describe("the load", () => {
  test("is three averages, or none for any other text", () => {
    expect(parseLoadavg("0.62 10.35 200.18 2/134 6385\n")).toEqual([0.62, 10.35, 200.18]);
    for (const text of ["", "0.62\n", "0.62 1.0\n", "a b c \n"]) expect(parseLoadavg(text)).toEqual([]);
  });

  test("is one series a period", () => {
    expect(byKey(new LoadCollector(() => [1, 2, 3]).collect())).toEqual({
      'load_average{period="1m"}': 1,
      'load_average{period="5m"}': 2,
      'load_average{period="15m"}': 3,
    });
    expect(new LoadCollector(() => []).collect()).toEqual([]);
  });
});

describe("file descriptors", () => {
  test("are those allocated and in use, against the limit", () => {
    expect(parseFileNr("5440\t40\t2466177\n")).toEqual({ open: 5400, limit: 2466177 });
  });

  test("have no limit where the kernel's is the largest number there is", () => {
    expect(parseFileNr("569\t0\t9223372036854775807\n")).toEqual({ open: 569, limit: undefined });
  });

  test("are unknown in a text that is cut off", () => {
    for (const text of ["", "569\n", "569\t0\n", "a\tb\tc\n"]) {
      expect(parseFileNr(text)).toEqual({ open: undefined, limit: undefined });
    }
  });
});
