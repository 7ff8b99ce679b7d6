import { afterEach, describe, expect, test } from "bun:test";
import { PressureCollector } from "../../../../server/metrics/collect/pressure.ts";
import { ProcFolder } from "../../../../server/metrics/collect/procfs/proc-file.ts";
import { byKey, RecordedFolder, SteadyClock } from "./recorded-machine.ts";

const folder = new RecordedFolder();
const proc = new ProcFolder(folder.root);

afterEach(() => {
  proc.close();
  folder.remove();
});

const totals = (some: number, full: number) =>
  `some avg10=0.00 avg60=0.00 avg300=0.00 total=${some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${full}\n`;

describe("pressure", () => {
  test("is the share of the interval, and has no full share of the processors", () => {
    const clock = new SteadyClock();
    const collector = new PressureCollector(proc, clock);
    folder.write({
      "pressure/cpu": totals(0, 0),
      "pressure/memory": totals(0, 0),
      "pressure/io": totals(0, 0),
    });
    expect(collector.collect()).toEqual([]);
    clock.ms += 2000;
    folder.write({
      "pressure/cpu": totals(500_000, 0),
      "pressure/memory": totals(0, 0),
      "pressure/io": totals(2_000_500, 1_000_000),
    });
    expect(byKey(collector.collect())).toEqual({
      'pressure_stall_percent{kind="some",resource="cpu"}': 25,
      'pressure_stall_percent{kind="some",resource="memory"}': 0,
      'pressure_stall_percent{kind="full",resource="memory"}': 0,
      'pressure_stall_percent{kind="some",resource="io"}': 100,
      'pressure_stall_percent{kind="full",resource="io"}': 50,
    });
  });

  test("measures what is left when the kernel lacks one of the files", () => {
    const clock = new SteadyClock();
    const collector = new PressureCollector(proc, clock);
    folder.write({ "pressure/io": totals(0, 0) });
    collector.collect();
    clock.ms += 1000;
    expect(collector.collect().map(({ series }) => series.labels.resource)).toEqual(["io", "io"]);
  });
});
