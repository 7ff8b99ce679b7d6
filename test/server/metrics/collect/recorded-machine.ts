import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Measurement } from "../../../../server/metrics/collect/collector.ts";

/** A folder that stands in for /proc or /sys: its files hold recorded texts and change when a test says so. */
export class RecordedFolder {
  readonly root = mkdtempSync(join(tmpdir(), "binnacle-recorded-"));

  write(files: Record<string, string | Uint8Array>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }

  delete(name: string): void {
    rmSync(join(this.root, name), { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The steady clock of a test, in milliseconds. */
export class SteadyClock {
  ms = 1000;
  readonly monotonic = () => this.ms;
}

/** Measurements as an object from key to value, which a test can compare at a glance. */
export function byKey(measurements: readonly Measurement[]): Record<string, number> {
  return Object.fromEntries(measurements.map(({ series, value }) => [series.key, value]));
}

export const STAT = `cpu  5612 10 3866 126382 517 3 82 34 7 0
cpu0 2186 0 1536 64452 52 1 10 16 0 0
cpu1 3425 10 2330 61930 465 2 71 17 7 0
intr 282105 0 0 1 0 136 316
ctxt 598011
btime 1795246842
processes 6385
procs_running 2
procs_blocked 0
softirq 178358 0 15858 10 14846 82349 0 7 35169 0 30119
`;

export const MEMINFO = `MemTotal:       24684092 kB
MemFree:        23964548 kB
MemAvailable:   24232668 kB
Buffers:           15508 kB
Cached:           361896 kB
SwapCached:            0 kB
Mlocked:           18388 kB
SwapTotal:       2097148 kB
SwapFree:        1048574 kB
Shmem:              8856 kB
SReclaimable:     191828 kB
SUnreclaim:        28536 kB
HugePages_Total:       0
DirectMap1G:    25165824 kB
`;

export const DISKSTATS = `   7       0 loop0 12 0 24 3 0 0 0 0 0 3 3 0 0 0 0 0 0
 254       0 vda 59735 9887 3403738 14929 24467 83363 4153528 16641 0 8496 32247 8095 47 652728 562 3125 114
 254       1 vda1 59000 9887 3403738 14929 24467 83363 4153528 16641 0 8496 32247
 253       0 zram0 5 0 40 0 0 0 0 0 0 0 0 0 0 0 0 0 0
   8       0 sda 0 0 0 0 0 0 0 0 0 0 0
`;

export const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0: 623356825   15471    2    0    0     0          0         0  1115181    9722    1    0    0     0       0          0
veth3f2a1c: 1234 12    0    0    0     0          0         0     4321      21    0    0    0     0       0          0
`;

export const PRESSURE = `some avg10=0.67 avg60=0.56 avg300=0.83 total=9549132
full avg10=0.00 avg60=0.00 avg300=0.00 total=4347510
`;

const MOUNTINFO = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
`;

/** Everything the collectors look for on Linux, as one machine had it. */
export const WHOLE_MACHINE = {
  stat: STAT,
  meminfo: MEMINFO,
  diskstats: DISKSTATS,
  "net/dev": NET_DEV,
  loadavg: "0.62 0.35 0.18 2/134 6385\n",
  uptime: "1829.23 3500.10\n",
  "sys/fs/file-nr": "569\t0\t2466177\n",
  "pressure/cpu": PRESSURE,
  "pressure/memory": PRESSURE,
  "pressure/io": PRESSURE,
  "self/mountinfo": MOUNTINFO,
  "self/stat": pidStat({ pid: 12978 }),
  "self/fd/0": "",
  "self/fd/1": "",
};

/** A line of /proc/[pid]/stat as Linux 6.18 writes it. */
export function pidStat(
  process: { pid: number } & Partial<{
    name: string;
    state: string;
    flags: number;
    userTicks: number;
    systemTicks: number;
    threads: number;
    startTicks: number;
    pages: number;
  }>,
): string {
  const { name = "cat", state = "S", flags = 4194304, userTicks = 0, systemTicks = 0 } = process;
  const { threads = 1, startTicks = 191754, pages = 383 } = process;
  return `${process.pid} (${name}) ${state} 12974 12974 5176 0 -1 ${flags} 130 0 0 0 ${userTicks} ${systemTicks} 0 0 20 0 ${threads} 0 ${startTicks} 3133440 ${pages} 18446744073709551615 94713885458432 94713885478313 140726814697904 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 94713885494320 94713885495936 94713992257536 140726814702056 140726814702090 140726814702090 140726814703595 0\n`;
}
