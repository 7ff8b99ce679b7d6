import { expect, test } from "bun:test";
import {
  alertEntries,
  findEntries,
  type PaletteEntry,
  seriesEntries,
} from "../../../web/shell/palette-entries.ts";
import { fakeAlert } from "../../support/fake-alerts.ts";

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

test("open alerts are found by what they say, the worst first, and lead to their page", () => {
  const slow = fakeAlert({ message: "mail is slow", severity: "LOW" });
  const down = fakeAlert({ message: "mail is down", severity: "CRITICAL" });
  const entries = alertEntries([slow, down]);
  expect(findEntries("mail", entries).map(({ label, hint, target }) => [label, hint, target])).toEqual([
    ["mail is down", "critical · firing", `/alerts/${down.id}`],
    ["mail is slow", "low · firing", `/alerts/${slow.id}`],
  ]);
  expect(findEntries("", entries)).toEqual([]);
});
