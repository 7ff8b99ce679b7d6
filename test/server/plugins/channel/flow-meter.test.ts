import { describe, expect, test } from "bun:test";
import { FlowMeter } from "../../../../server/plugins/channel/flow-meter.ts";

describe("a flow meter", () => {
  test("lets a burst through, then says how long to rest", () => {
    const meter = new FlowMeter({ perSecond: 100, burst: 50 }, 0);
    expect(meter.take(50, 0)).toBe(0);
    expect(meter.take(10, 0)).toBe(100);
  });

  test("what was rested is there again, never more than a burst", () => {
    const meter = new FlowMeter({ perSecond: 100, burst: 50 }, 0);
    meter.take(60, 0);
    expect(meter.take(0, 100)).toBe(0);
    expect(meter.take(51, 3_600_000)).toBe(10);
  });
});
