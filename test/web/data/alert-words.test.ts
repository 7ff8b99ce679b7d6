import { describe, expect, test } from "bun:test";
import { alertAttention, byWeight, coveredBy, stateOf } from "../../../web/data/alert-words.ts";
import { judge } from "../../../web/data/attention-rules.ts";
import { fakeAlert } from "../../support/fake-alerts.ts";

describe("what alerts need of a person", () => {
  test("those that fire and matter, worst first; who looks after one is not asked again", () => {
    const items = alertAttention(
      [
        fakeAlert({ severity: "MEDIUM", message: "slow" }),
        fakeAlert({ severity: "CRITICAL", message: "down" }),
        fakeAlert({ severity: "LOW", message: "soon" }),
        fakeAlert({ state: "acknowledged", message: "known" }),
        fakeAlert({ state: "muted", message: "quiet" }),
      ],
      undefined,
    );
    expect(items.map(({ title, severity }) => [title, severity])).toEqual([
      ["down", "alarm"],
      ["slow", "watch"],
    ]);
    expect(items.every(({ verb }) => verb === undefined)).toBe(true);
  });

  test("of many the worst five by name, and how many more", () => {
    const many = Array.from({ length: 8 }, (_, index) => fakeAlert({ message: `alert ${index}` }));
    const items = alertAttention(many, undefined);
    expect(items).toHaveLength(6);
    expect(items.at(-1)).toMatchObject({ title: "3 more alerts fire", action: { href: "/alerts" } });
  });

  test("one is acknowledged in place by whoever may", () => {
    const asked: string[] = [];
    const alert = fakeAlert();
    const [item] = alertAttention([alert], ({ id }) => asked.push(id));
    item?.verb?.run();
    expect([item?.verb?.label, asked]).toEqual(["Acknowledge", [alert.id]]);
  });

  test("text that turns or hides is written out", () => {
    const [item] = alertAttention([fakeAlert({ message: "fine\u202egnp.exe" })], undefined);
    expect(item?.title).toBe("fine\\u202egnp.exe");
  });

  test("what an alert speaks of, acknowledged or not, is not judged a second time", () => {
    const full = { series: new Map(), cores: 2, sampleAgeMs: 0, intervalSeconds: 5, isConnectionLost: false };
    const values = new Map([["memory_used_percent", 99]]);
    const open = [fakeAlert({ type: "memory_pressure", state: "acknowledged" })];
    expect(judge({ ...full, values }).map(({ id }) => id)).toContain("memory");
    expect(judge({ ...full, values, covered: coveredBy(open) }).map(({ id }) => id)).not.toContain("memory");
    expect([...coveredBy([fakeAlert({ labels: { mount: "/var" } })])]).toEqual(["disk /var"]);
  });
});

test("what is open comes first, what fires before what is looked after, worst first, the latest first", () => {
  const older = fakeAlert({ message: "older" });
  const newer = fakeAlert({ message: "newer", raisedAt: "2030-01-02T00:00:00.000Z" });
  const worse = fakeAlert({ message: "worse", severity: "CRITICAL" });
  const known = fakeAlert({ message: "known", severity: "CRITICAL", state: "acknowledged" });
  const over = fakeAlert({ message: "over", severity: "CRITICAL", state: "resolved" });
  const sorted = [over, older, known, newer, worse].sort(byWeight);
  expect(sorted.map(({ message }) => message)).toEqual(["worse", "newer", "older", "known", "over"]);
});

test("a state is a shape and a word, and looks as bad as it is", () => {
  expect(stateOf({ state: "firing", severity: "CRITICAL" })).toEqual({ level: "alarm", word: "Firing" });
  expect(stateOf({ state: "firing", severity: "LOW" })).toEqual({ level: "info", word: "Firing" });
  expect(stateOf({ state: "resolved", severity: "CRITICAL" })).toEqual({ level: "calm", word: "Resolved" });
});
