import { describe, expect, test } from "bun:test";
import { parsePressure } from "../../../../../server/metrics/collect/procfs/pressure.ts";
import { PRESSURE } from "../recorded-machine.ts";

describe("reading a file of /proc/pressure", () => {
  test("gives the running totals", () => {
    expect(parsePressure(PRESSURE)).toEqual({ someMicroseconds: 9549132, fullMicroseconds: 4347510 });
  });

  test("has no full total where the kernel writes none", () => {
    expect(parsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n")).toEqual({
      someMicroseconds: 12,
      fullMicroseconds: undefined,
    });
  });

  test("does not take the total of the next line for one that lacks its own", () => {
    expect(parsePressure("some avg10=0.00\nfull avg10=0.00 total=7\n")).toEqual({
      someMicroseconds: undefined,
      fullMicroseconds: 7,
    });
  });

  test.each(["", "some total=12", "none total=12\n", "some total=x\n"])("finds nothing in %j", (text) => {
    expect(parsePressure(text)).toEqual({ someMicroseconds: undefined, fullMicroseconds: undefined });
  });
});
