import { describe, expect, test } from "bun:test";
import { parseStat } from "../../../../../server/metrics/collect/procfs/stat.ts";
import { STAT } from "../recorded-machine.ts";

describe("reading /proc/stat", () => {
  test("gives the times of all cores and of each, with hard and soft interrupts together", () => {
    const { cpu, cores } = parseStat(STAT);
    expect(cpu).toEqual({
      user: 5612,
      nice: 10,
      system: 3866,
      idle: 126382,
      iowait: 517,
      irq: 85,
      steal: 34,
    });
    expect([...cores.keys()]).toEqual([0, 1]);
    expect(cores.get(1)?.user).toBe(3425);
  });

  test("gives the counters of the kernel", () => {
    const { contextSwitches, interrupts, bootedAtSeconds } = parseStat(STAT);
    expect({ contextSwitches, interrupts, bootedAtSeconds }).toEqual({
      contextSwitches: 598011,
      interrupts: 282105,
      bootedAtSeconds: 1795246842,
    });
  });

  test("takes the missing columns of an old kernel as nothing", () => {
    expect(parseStat("cpu  1 2 3 4\ncpu0 1 2 3 4\n").cpu).toEqual({
      user: 1,
      nice: 2,
      system: 3,
      idle: 4,
      iowait: 0,
      irq: 0,
      steal: 0,
    });
  });

  test("does not let a longer line lend its columns to a shorter one", () => {
    const { cores } = parseStat("cpu0 1 2 3 4 5 6 7 8\ncpu1 1 2 3 4\n");
    expect(cores.get(1)).toMatchObject({ iowait: 0, irq: 0, steal: 0 });
  });

  test("ignores columns that future kernels add", () => {
    expect(parseStat("cpu  1 2 3 4 5 6 7 8 9 10 11 12\n").cpu?.steal).toBe(8);
  });

  test("keeps the numbers of cores when some are switched off", () => {
    expect([...parseStat("cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu7 1 2 3 4\n").cores.keys()]).toEqual([0, 7]);
  });

  test("reads 300 cores and a line of ten thousand interrupts", () => {
    const cores = Array.from({ length: 300 }, (_, core) => `cpu${core} ${core} 0 0 100 0 0 0 0 0 0`);
    const text = `cpu  1 0 0 1 0 0 0 0 0 0\n${cores.join("\n")}\nintr 77${" 1".repeat(10_000)}\nctxt 5\n`;
    const statistics = parseStat(text);
    expect(statistics.cores.size).toBe(300);
    expect(statistics.cores.get(299)?.user).toBe(299);
    expect(statistics.interrupts).toBe(77);
    expect(statistics.contextSwitches).toBe(5);
  });

  test("leaves out a last line that was cut off, whose number may be short of digits", () => {
    const cut = STAT.slice(0, STAT.indexOf("ctxt 598011") + "ctxt 598".length);
    expect(parseStat(cut).contextSwitches).toBeUndefined();
    expect(parseStat(cut).interrupts).toBe(282105);
  });

  test.each([
    "",
    "\n\n\n",
    "cpu\n",
    "cpu  a b c d\n",
    "cpu  1 2 3\n",
    "cpux 1 2 3 4\n",
    "intr\nctxt x\n",
    "\0\0\n",
  ])("finds nothing in %j", (text) => {
    const { cpu, cores, contextSwitches, interrupts } = parseStat(text);
    expect({ cpu, cores: cores.size, contextSwitches, interrupts }).toEqual({
      cpu: undefined,
      cores: 0,
      contextSwitches: undefined,
      interrupts: undefined,
    });
  });
});
