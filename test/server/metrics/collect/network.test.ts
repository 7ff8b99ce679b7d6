import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { NetworkCollector } from "../../../../server/metrics/collect/network.ts";
import { ProcFolder } from "../../../../server/metrics/collect/procfs/proc-file.ts";
import { byKey, NET_DEV, RecordedFolder, SteadyClock } from "./recorded-machine.ts";

const folder = new RecordedFolder();
const proc = new ProcFolder(folder.root);
let clock: SteadyClock;
let collector: NetworkCollector;

beforeEach(() => {
  clock = new SteadyClock();
  collector = new NetworkCollector(proc.file("net/dev"), `${folder.root}/sys`, clock);
});

afterEach(() => {
  proc.close();
  folder.remove();
});

function collect(netDev: string): Record<string, number> {
  folder.write({ "net/dev": netDev });
  clock.ms += 2000;
  return byKey(collector.collect());
}

const line = (name: string, received: number, sent: number, packets: number, errors = 0) =>
  `${name}: ${received} ${packets} ${errors} 0 0 0 0 0 ${sent} ${packets} ${errors} 0 0 0 0 0\n`;

describe("network traffic", () => {
  test("follows from the growth between two ticks, in both directions", () => {
    expect(collect(line("eth0", 1000, 500, 10))).toEqual({});
    expect(collect(line("eth0", 3000, 600, 14, 2))).toEqual({
      'network_received_bytes_per_second{interface="eth0"}': 1000,
      'network_sent_bytes_per_second{interface="eth0"}': 50,
      'network_packets_per_second{direction="received",interface="eth0"}': 2,
      'network_packets_per_second{direction="sent",interface="eth0"}': 2,
      'network_errors_per_second{direction="received",interface="eth0"}': 1,
      'network_errors_per_second{direction="sent",interface="eth0"}': 1,
    });
  });

  test("keeps the loopback, and leaves out interfaces never used and containers' cables", () => {
    collect(NET_DEV);
    const interfaces = Object.keys(collect(NET_DEV)).map((key) => /interface="(\w+)"/.exec(key)?.[1]);
    expect([...new Set(interfaces)]).toEqual(["lo", "eth0"]);
  });

  test("leaves out an interface that is down, and shows one that is up and idle", () => {
    const both = line("eth0", 1, 1, 1) + line("wlan0", 1, 1, 1);
    folder.write({ "sys/class/net/eth0/operstate": "up\n", "sys/class/net/wlan0/operstate": "down\n" });
    collect(both);
    expect(collect(both)).toHaveProperty(['network_sent_bytes_per_second{interface="eth0"}'], 0);
    expect(JSON.stringify(collect(both))).not.toContain("wlan0");
  });

  test("is a gap, not a peak, when a driver sets its counters to zero", () => {
    collect(line("eth0", 4_000_000_000, 4_000_000_000, 1_000_000));
    expect(collect(line("eth0", 100, 100, 2))).not.toHaveProperty([
      'network_received_bytes_per_second{interface="eth0"}',
    ]);
    expect(collect(line("eth0", 300, 100, 4))['network_received_bytes_per_second{interface="eth0"}']).toBe(
      100,
    );
  });

  test("never has more than 64 interfaces", () => {
    const many = Array.from({ length: 200 }, (_, index) => line(`vlan${index}`, 1, 1, 1)).join("");
    collect(many);
    expect(Object.keys(collect(many))).toHaveLength(64 * 6);
  });
});
