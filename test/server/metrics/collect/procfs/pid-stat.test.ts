import { describe, expect, test } from "bun:test";
import { parseAuxiliaryVector } from "../../../../../server/metrics/collect/procfs/auxiliary-vector.ts";
import { parsePidStat } from "../../../../../server/metrics/collect/procfs/pid-stat.ts";
import { pidStat } from "../recorded-machine.ts";

describe("reading /proc/[pid]/stat", () => {
  test("gives what a process list shows", () => {
    const text = pidStat({ pid: 42, name: "nginx", state: "R", userTicks: 7, systemTicks: 5, threads: 3 });
    expect(parsePidStat(text)).toEqual({
      pid: 42,
      name: "nginx",
      state: "R",
      isKernelThread: false,
      cpuTicks: 12,
      threads: 3,
      startTicks: 191754,
      residentPages: 383,
    });
  });

  test.each(["tmux: server", "a) R 1 (b", "(sd-pam)", "((", "))", ") ", "", "line\nfeed", "naïve 🙂"])(
    "survives the process name %j",
    (name) => {
      expect(parsePidStat(pidStat({ pid: 9, name, threads: 4 }))).toMatchObject({ pid: 9, name, threads: 4 });
    },
  );

  test("knows kernel threads by their flag", () => {
    expect(parsePidStat(pidStat({ pid: 2, name: "kthreadd", flags: 2129984 }))?.isKernelThread).toBe(true);
  });

  test("reads the fewer columns of older kernels", () => {
    const old = `${pidStat({ pid: 5 }).split(" ").slice(0, 24).join(" ")}\n`;
    expect(parsePidStat(old)?.residentPages).toBe(383);
  });

  test.each(["", "12", "12 (cat\n", "12 (cat) R 1 2 3\n", "x (cat) R 1\n", pidStat({ pid: 5 }).slice(0, -1)])(
    "has no reading for %j",
    (text) => {
      expect(parsePidStat(text)).toBeUndefined();
    },
  );
});

describe("the kernel's constants", () => {
  test("come from the auxiliary vector", () => {
    const pairs = new BigUint64Array([33n, 7n, 6n, 65536n, 17n, 250n, 0n, 0n]);
    expect(parseAuxiliaryVector(new Uint8Array(pairs.buffer))).toEqual({
      pageSizeBytes: 65536,
      ticksPerSecond: 250,
    });
  });

  test("are the usual ones when it is empty, odd or cut off", () => {
    const usual = { pageSizeBytes: 4096, ticksPerSecond: 100 };
    expect(parseAuxiliaryVector(new Uint8Array())).toEqual(usual);
    expect(parseAuxiliaryVector(new Uint8Array(13))).toEqual(usual);
    expect(parseAuxiliaryVector(new Uint8Array(new BigUint64Array([6n, 0n, 17n]).buffer))).toEqual(usual);
  });
});
