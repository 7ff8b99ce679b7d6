import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { KernelStatisticsFile } from "../../../../../server/metrics/collect/kernel-statistics.ts";
import { ProcessCollector } from "../../../../../server/metrics/collect/processes/process-collector.ts";
import { ProcessTable, parseUid } from "../../../../../server/metrics/collect/processes/process-table.ts";
import { UserNames } from "../../../../../server/metrics/collect/processes/user-names.ts";
import { ProcFolder } from "../../../../../server/metrics/collect/procfs/proc-file.ts";
import { byKey, pidStat, RecordedFolder, STAT, SteadyClock } from "../recorded-machine.ts";

const BOOTED_AT_SECONDS = 1_795_246_842;

let folder: RecordedFolder;
let proc: ProcFolder;
let clock: SteadyClock;
let table: ProcessTable;

beforeEach(() => {
  folder = new RecordedFolder();
  proc = new ProcFolder(folder.root);
  clock = new SteadyClock();
  folder.write({ passwd: "root:x:0:0\nweb:x:33:33\n", meminfo: "", stat: STAT });
  table = new ProcessTable({
    proc,
    clock,
    cores: 2,
    constants: { pageSizeBytes: 4096, ticksPerSecond: 100 },
    maxReadAScan: 40,
    userNames: new UserNames(`${folder.root}/passwd`),
  });
});

afterEach(() => {
  proc.close();
  folder.remove();
});

function write(process: Parameters<typeof pidStat>[0], identity?: { cmdline: string; uid: number }): void {
  folder.write({ [`${process.pid}/stat`]: pidStat(process) });
  if (identity === undefined) return;
  const { uid } = identity;
  const status = `Name:\tx\nUid:\t0\t${uid}\t${uid}\t${uid}\n`;
  folder.write({ [`${process.pid}/cmdline`]: identity.cmdline, [`${process.pid}/status`]: status });
}

function scanAfter(ms: number): void {
  clock.ms += ms;
  table.scan();
}

const top = (limit = 20) => table.top(limit, BOOTED_AT_SECONDS);

describe("the process table", () => {
  test("shows who a process is, when it started and what it uses", () => {
    write(
      { pid: 40, name: "nginx", threads: 3, startTicks: 1050, pages: 100 },
      { cmdline: "nginx\0-g\0", uid: 33 },
    );
    scanAfter(0);
    write({
      pid: 40,
      name: "nginx",
      threads: 3,
      startTicks: 1050,
      pages: 100,
      userTicks: 90,
      systemTicks: 10,
    });
    scanAfter(5000);
    expect(top()).toEqual([
      {
        pid: 40,
        name: "nginx",
        command: "nginx -g",
        user: "web",
        cpuPercent: 10,
        memoryBytes: 409_600,
        threads: 3,
        startedAt: BOOTED_AT_SECONDS * 1000 + 10_500,
      },
    ]);
  });

  test("puts the busiest first, then the largest", () => {
    write({ pid: 1, pages: 5 });
    write({ pid: 2, pages: 50 });
    write({ pid: 3, pages: 1 });
    scanAfter(0);
    write({ pid: 3, pages: 1, userTicks: 4 });
    scanAfter(1000);
    expect(top(2).map(({ pid }) => pid)).toEqual([3, 2]);
  });

  test("counts processes by state and forgets those that ended", () => {
    for (const [index, state] of ["R", "S", "D", "Z", "I", "R"].entries()) write({ pid: index + 1, state });
    scanAfter(0);
    expect(table.counts()).toEqual({ total: 6, running: 2, blocked: 1, zombie: 1 });
    folder.delete("1");
    folder.delete("4");
    scanAfter(1000);
    expect(table.counts()).toEqual({ total: 4, running: 1, blocked: 1, zombie: 0 });
  });

  test("does not give a process the past of another one that had its number", () => {
    write({ pid: 7, name: "old", startTicks: 10, userTicks: 5000 }, { cmdline: "old\0", uid: 0 });
    scanAfter(0);
    top();
    write({ pid: 7, name: "new", startTicks: 900, userTicks: 5100 }, { cmdline: "new\0", uid: 33 });
    scanAfter(1000);
    expect(top()[0]).toMatchObject({ name: "new", command: "new", user: "web", cpuPercent: 0 });
  });

  test("reads the command again after exec, and only then", () => {
    write({ pid: 7, name: "sh" }, { cmdline: "sh\0-c\0", uid: 0 });
    scanAfter(0);
    expect(top()[0]?.command).toBe("sh -c");
    folder.write({ "7/cmdline": "rewritten\0" });
    scanAfter(1000);
    expect(top()[0]?.command).toBe("sh -c");
    write({ pid: 7, name: "node" }, { cmdline: "node\0app\0", uid: 0 });
    scanAfter(1000);
    expect(top()[0]?.command).toBe("node app");
  });

  test("names kernel threads and processes without arguments in brackets", () => {
    write({ pid: 2, name: "kthreadd", flags: 2129984 }, { cmdline: "", uid: 0 });
    write({ pid: 3, name: "gone", state: "Z" });
    scanAfter(0);
    expect(top().map(({ command, user }) => [command, user])).toEqual([
      ["[kthreadd]", "root"],
      ["[gone]", ""],
    ]);
  });

  test("keeps a share between 0 and 100 whatever the counters do", () => {
    write({ pid: 1, userTicks: 500 });
    write({ pid: 2, userTicks: 0 });
    scanAfter(0);
    write({ pid: 1, userTicks: 100 });
    write({ pid: 2, userTicks: 100_000 });
    scanAfter(1000);
    expect(top().map(({ pid, cpuPercent }) => [pid, cpuPercent])).toEqual([
      [2, 100],
      [1, 0],
    ]);
  });

  test("leaves out a process whose file is cut off or vanished while reading", () => {
    folder.write({ "8/stat": "8 (half) R 1 2", "9/cmdline": "x" });
    scanAfter(0);
    expect(top()).toEqual([]);
  });

  test("takes turns where there are more than one scan may read, and comes to all", () => {
    for (let pid = 1; pid <= 50; pid += 1) write({ pid });
    scanAfter(0);
    expect(table.counts().total).toBe(50);
    write({ pid: 49, state: "Z" });
    write({ pid: 35, state: "Z" });
    scanAfter(1000); // 41 to 50, then 1 to 30
    expect(table.counts()).toMatchObject({ total: 50, zombie: 1 });
    scanAfter(1000);
    expect(table.counts()).toMatchObject({ total: 50, zombie: 2 });
    expect(top(200)).toHaveLength(50);
  });

  test("takes the effective user", () => {
    expect(parseUid("Name:\tsudo\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n")).toBe(0);
    expect(parseUid("")).toBeUndefined();
  });
});

describe("the process collector", () => {
  test("scans every five seconds, and also after the wall clock was set back", () => {
    const collector = new ProcessCollector(table, new KernelStatisticsFile(proc));
    expect(collector.top()).toEqual({ at: 0, items: [] });
    write({ pid: 1 });
    const totalAt = (at: number) => byKey(collector.collect(at))['processes_count{state="total"}'];
    expect(totalAt(100_000)).toBe(1);
    write({ pid: 2 });
    expect(totalAt(101_000)).toBe(1);
    expect(totalAt(105_000)).toBe(2);
    write({ pid: 3 });
    expect(totalAt(50_000)).toBe(3);
    expect(collector.top(1)).toMatchObject({ at: 50_000, items: [{ pid: 1 }] });
  });
});
