import { expect, test } from "bun:test";
import { cardsOf, changeOf } from "../../../web/pages/overview/cards.ts";
import { busiest, chooseDevices, resourcePanels } from "../../../web/pages/overview/panels.ts";
import { FAKE_SERIES } from "../../support/fake-series.ts";

const AT = 1_893_456_000_000;
const PRESENT = {
  series: new Map(FAKE_SERIES.map(({ id: _id, valueAt: _valueAt, ...series }) => [series.key, series])),
  values: new Map(FAKE_SERIES.map(({ key, valueAt }) => [key, valueAt(AT)])),
  cores: 2,
};

test("the cards show the machine's figures; the fullest disk is the one shown", () => {
  const [cpu, memory, disk, network] = cardsOf(PRESENT);
  expect(cpu).toMatchObject({ label: "CPU", level: "calm" });
  expect(cpu?.note).toStartWith("2 cores · load 0.");
  expect(memory?.extent.replace("\u00a0", " ")).toBe("of 24.0 GiB");
  expect(disk).toMatchObject({ label: "Disk /var", level: "watch" });
  expect(network?.key).toBe('network_received_bytes_per_second{interface="eth0"}');
});

test("before the first sample the cards stand empty", () => {
  const cards = cardsOf({ series: new Map(), values: new Map(), cores: undefined });
  expect(cards.map(({ quantity }) => quantity)).toEqual([undefined, undefined, undefined, undefined]);
});

test("the loopback interface is shown only when there is no other", () => {
  expect(busiest(PRESENT, ["network_received_bytes_per_second"], "interface")).toBe("eth0");
  const alone = {
    ...PRESENT,
    series: new Map([...PRESENT.series].filter(([, { labels }]) => labels.interface === "lo")),
  };
  expect(busiest(alone, ["network_received_bytes_per_second"], "interface")).toBe("lo");
});

test("charts appear for what the machine has", () => {
  const ids = (present: typeof PRESENT) =>
    resourcePanels(present, chooseDevices(present)).map(({ id }) => id);
  expect(ids(PRESENT)).toEqual(["cpu", "memory", "network", "disk", "pressure", "load"]);
  const without = {
    ...PRESENT,
    series: new Map([...PRESENT.series].filter(([, { name }]) => name !== "pressure_stall_percent")),
  };
  expect(ids(without)).not.toContain("pressure");
});

test("a change is told signed, and left out when it barely moved", () => {
  const line = (avg: (number | null)[]) => ({ key: "a", min: avg, avg, max: avg });
  expect(changeOf(line([null, 10, 12]), "percent").replace("\u00a0", " ")).toBe("+2.0 %");
  expect(changeOf(line([12, 10]), "percent").replace("\u00a0", " ")).toBe("−2.0 %");
  expect(changeOf(line([10, 10.01]), "percent")).toBe("");
  expect(changeOf(undefined, "percent")).toBe("");
});
