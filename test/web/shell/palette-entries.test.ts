import { expect, test } from "bun:test";
import { findEntries, type PaletteEntry, seriesEntries } from "../../../web/shell/palette-entries.ts";

const entry = (group: PaletteEntry["group"], label: string): PaletteEntry => ({
  group,
  label,
  hint: "",
  icon: "user",
  target: "/",
});
const ENTRIES = [
  entry("Pages", "Metrics"),
  entry("Commands", "Switch theme"),
  entry("Users", "meta"),
  ...seriesEntries([
    {
      key: 'disk_used_percent{mount="/var"}',
      name: "disk_used_percent",
      labels: { mount: "/var" },
      unit: "percent",
    },
  ]),
];
const labels = (question: string) => findEntries(question, ENTRIES).map(({ label }) => label);

test("without a question, everything but the many series is offered", () => {
  expect(labels("")).toEqual(["Metrics", "Switch theme", "meta"]);
});

test("every word must be found; a beginning ranks before a middle", () => {
  expect(labels("me")).toEqual(["Metrics", "meta", "Switch theme"]);
  expect(labels("disk /var")).toEqual(["Disk used · /var"]);
  expect(labels("disk nothing")).toEqual([]);
});
