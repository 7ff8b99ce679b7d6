import { readFileSync } from "node:fs";
import type { Clock } from "../../lib/clock.ts";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import { type InterfaceCounters, parseNetDev } from "./procfs/net-dev.ts";
import type { ProcFile } from "./procfs/proc-file.ts";
import { counterRate, RateWindow } from "./rate.ts";

const MAX_INTERFACES = 64;
/** Ends of containers' cables: made and thrown away with each container under a random name; their bridge shows the traffic. */
const CONTAINER_CABLE = /^(?:veth|cali|lxc|cilium_|lxdbr-veth)/;

interface Interface {
  readonly series: readonly (readonly [SeriesDefinition, Exclude<keyof InterfaceCounters, "interface">])[];
  before: InterfaceCounters | undefined;
}

/** Traffic of each interface, the loopback among them, that is up and was ever used. */
export class NetworkCollector implements Collector {
  readonly name = "network";
  readonly #file: ProcFile;
  readonly #sysRoot: string;
  readonly #window: RateWindow;
  #interfaces = new Map<string, Interface>();

  constructor(netDev: ProcFile, sysRoot: string, clock: Pick<Clock, "monotonic">) {
    this.#file = netDev;
    this.#sysRoot = sysRoot;
    this.#window = new RateWindow(clock);
  }

  collect(): Measurement[] {
    const seconds = this.#window.advance();
    const measurements: Measurement[] = [];
    const present = new Map<string, Interface>();
    for (const now of parseNetDev(this.#file.read() ?? "")) {
      if (present.size === MAX_INTERFACES) break;
      if (CONTAINER_CABLE.test(now.interface) || wasNeverUsed(now)) continue;
      const known = this.#interfaces.get(now.interface) ?? newInterface(now.interface);
      const { before } = known;
      known.before = now;
      present.set(now.interface, known);
      if (before !== undefined && stoodStill(before, now) && this.#isDown(now.interface)) continue;
      for (const [series, counter] of known.series) {
        const value = counterRate(before?.[counter], now[counter], seconds);
        if (value !== undefined) measurements.push({ series, value });
      }
    }
    this.#interfaces = present;
    return measurements;
  }

  /** Only asked of interfaces without traffic: the file costs more than the rest of the tick. */
  #isDown(name: string): boolean {
    try {
      return readFileSync(`${this.#sysRoot}/class/net/${name}/operstate`, "latin1").startsWith("down");
    } catch {
      return false; // without /sys an interface that is listed counts as up
    }
  }
}

function wasNeverUsed(now: InterfaceCounters): boolean {
  return now.receivedPackets === 0 && now.sentPackets === 0;
}

function stoodStill(before: InterfaceCounters, now: InterfaceCounters): boolean {
  return before.receivedPackets === now.receivedPackets && before.sentPackets === now.sentPackets;
}

function newInterface(name: string): Interface {
  const bytes = (series: string, help: string) =>
    defineSeries(series, { interface: name }, "bytes_per_second", help);
  const perDirection = (series: string, direction: string, help: string) =>
    defineSeries(series, { interface: name, direction }, "per_second", help);
  const packets = (direction: string) =>
    perDirection("network_packets_per_second", direction, "Packets each second.");
  const errors = (direction: string) =>
    perDirection(
      "network_errors_per_second",
      direction,
      "Packets that failed each second, drops not counted.",
    );
  return {
    series: [
      [bytes("network_received_bytes_per_second", "Bytes received each second."), "receivedBytes"],
      [bytes("network_sent_bytes_per_second", "Bytes sent each second."), "sentBytes"],
      [packets("received"), "receivedPackets"],
      [packets("sent"), "sentPackets"],
      [errors("received"), "receivedErrors"],
      [errors("sent"), "sentErrors"],
    ],
    before: undefined,
  };
}
