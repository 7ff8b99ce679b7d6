import { describe, expect, test } from "bun:test";
import { quietUntil } from "../../../server/alerts/notify/quiet-hours.ts";
import { fillTemplate, templateProblem } from "../../../server/alerts/notify/template.ts";
import { CALLER, openAlertHouse } from "./alert-house.ts";

const MINUTE_MS = 60_000;

describe("who is told, and when", () => {
  test("alerts of one group are one message; the next ones wait for the interval", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupWaitSeconds: 10, groupIntervalSeconds: 300 });
    await house.raise("a");
    await house.raise("b");
    await house.tell();
    expect(house.sent).toEqual([]);
    await house.clock.advance(10_000);
    await house.tell();
    expect(house.sent.map(({ count }) => count)).toEqual([2]);
    await house.raise("c");
    await house.clock.advance(60_000);
    await house.tell();
    expect(house.sent.length).toBe(1);
    await house.clock.advance(240_000);
    await house.tell();
    expect(house.sent.map(({ count }) => count)).toEqual([2, 1]);
  });

  test("groupBy parts messages; a route takes only what it matches", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupBy: ["host"], match: { severities: ["CRITICAL"] } });
    await house.raise("a", { severity: "CRITICAL", labels: { host: "x" } });
    await house.raise("b", { severity: "CRITICAL", labels: { host: "y" } });
    await house.raise("c", { severity: "LOW", labels: { host: "z" } });
    await house.tell();
    expect(house.sent.map(({ message }) => message).sort()).toEqual([
      "CRITICAL firing: a",
      "CRITICAL firing: b",
    ]);
  });

  test("one alert raised again tells nobody; that it matters more, and that it is over, is told", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupIntervalSeconds: 1 });
    const { id } = await house.raise("a", { dedupeKey: "k", severity: "LOW" });
    await house.tell();
    await house.raise("a again", { dedupeKey: "k", severity: "LOW" });
    await house.clock.advance(1_000);
    await house.tell();
    expect(house.sent.length).toBe(1);
    await house.raise("worse", { dedupeKey: "k", severity: "CRITICAL" });
    await house.tell();
    await house.alerts.resolve(id, CALLER);
    await house.clock.advance(1_000);
    await house.tell();
    expect(house.sent.map(({ severity, state }) => `${severity} ${state}`)).toEqual([
      ...["LOW firing", "CRITICAL firing", "CRITICAL resolved"],
    ]);
  });

  test("a maintenance window holds back and tells afterwards what is still true", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupIntervalSeconds: 1 });
    const at = house.clock.now();
    const [startsAt, endsAt] = [at, at + 10 * MINUTE_MS].map((time) => new Date(time).toISOString());
    await house.definitions.create("window", { name: "w", startsAt, endsAt }, CALLER);
    const { id } = await house.raise("passes");
    await house.raise("stays");
    await house.tell();
    await house.alerts.resolve(id, CALLER);
    expect(house.sent).toEqual([]);
    await house.clock.advance(10 * MINUTE_MS);
    await house.tell();
    expect(house.sent.map(({ message }) => message)).toEqual(["HIGH firing: stays"]);
  });

  test("an alert of a rule stays untold while one that it depends on is open", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupIntervalSeconds: 1, tellResolved: false });
    const [host] = house.definitions.list("rule");
    const condition = { kind: "absence", series: { name: "up" }, forSeconds: 60 };
    const body = { name: "service", alertType: "s", severity: "LOW", condition, dependsOn: [host?.id] };
    const service = await house.definitions.create("rule", body, CALLER);
    const { id } = await house.raise("host", { ruleId: host?.id ?? "", source: "rule" });
    await house.raise("service", { ruleId: service.id, source: "rule" });
    await house.tell();
    expect(house.sent.map(({ message }) => message)).toEqual(["HIGH firing: host"]);
    await house.alerts.resolve(id, CALLER);
    await house.clock.advance(30_000);
    await house.tell();
    expect(house.sent.map(({ message }) => message)).toEqual(["HIGH firing: host", "HIGH firing: service"]);
  });

  test("an alert that flaps is told a few times, then once when it has calmed down", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupIntervalSeconds: 1 });
    for (let turn = 0; turn < 20; turn++) {
      const { id } = await house.raise("flaps");
      await house.tell();
      await house.alerts.resolve(id, CALLER);
      await house.clock.advance(2_000);
      await house.tell();
    }
    const during = house.sent.length;
    expect(during).toBeLessThanOrEqual(9);
    await house.raise("flaps");
    await house.clock.advance(11 * MINUTE_MS);
    await house.tell();
    expect(house.sent.length - during).toBe(1);
    expect(house.sent.at(-1)).toMatchObject({ state: "firing" });
  });

  test("nobody acknowledges: the next are told, step by step; an acknowledgement ends it", async () => {
    await using house = await openAlertHouse();
    const boss = await house.definitions.create("channel", { name: "boss", plugin: "boss" }, CALLER);
    const channels = [boss.id];
    await house.route({
      escalation: [
        { afterMinutes: 5, channels },
        { afterMinutes: 10, channels },
      ],
    });
    const { id } = await house.raise("a");
    await house.tell();
    await house.clock.advance(5 * MINUTE_MS);
    await house.tell();
    expect(house.sent.map(({ reason }) => reason)).toEqual(["change", "escalation"]);
    await house.alerts.acknowledge(id, CALLER);
    await house.clock.advance(10 * MINUTE_MS);
    await house.tell();
    expect(house.sent.length).toBe(2);
  });

  test("a muted alert is silent, and heard when the mute ends", async () => {
    await using house = await openAlertHouse();
    await house.route();
    const { id } = await house.raise("a");
    await house.alerts.mute(id, 60_000, CALLER);
    await house.tell();
    expect(house.sent).toEqual([]);
    await house.clock.advance(60_000);
    await house.alerts.endMutes();
    await house.tell();
    expect(house.sent.length).toBe(1);
  });

  test.each([-86_400_000, 86_400_000])(
    "a clock set by %i ms loses nothing and repeats nothing",
    async (jumpMs) => {
      await using house = await openAlertHouse();
      await house.route({ groupWaitSeconds: 10 });
      await house.raise("a");
      await house.tell();
      house.clock.setWall(house.clock.now() + jumpMs);
      await house.clock.advance(10_000);
      await house.tell();
      await house.clock.advance(10_000);
      await house.tell();
      expect(house.sent.map(({ count }) => count)).toEqual([1]);
    },
  );
});

describe("quiet hours", () => {
  const at = (text: string) => Date.parse(text);
  const berlin = { from: "22:00", to: "07:00", timeZone: "Europe/Berlin" };

  test.each([
    ["2030-01-10T20:59:00Z", undefined],
    ["2030-01-10T21:00:00Z", "2030-01-11T06:00:00.000Z"],
    ["2030-01-11T05:59:30Z", "2030-01-11T06:00:30.000Z"],
    ["2030-01-11T06:00:00Z", undefined],
    // Clocks go forward on 31 March 2030, back on 27 October 2030.
    ["2030-03-30T23:00:00Z", "2030-03-31T05:00:00.000Z"],
    ["2030-10-26T22:00:00Z", "2030-10-27T06:00:00.000Z"],
  ])("at %s they last until %s", (now, until) => {
    const end = quietUntil(berlin, at(now));
    expect(end === undefined ? undefined : new Date(end).toISOString()).toBe(until);
  });
});

describe("templates", () => {
  const values = {
    ...{ id: "1", type: "disk", severity: "HIGH", state: "firing", message: "{{type}}", count: "2" },
    ...{ route: "r", raisedAt: "now", occurrences: "1", labels: { host: "x" } },
  };

  test("names are filled in once; what comes in is not read as a template; a missing label is empty", () => {
    expect(
      fillTemplate(
        "{{ severity }} {{labels.host}}{{labels.none}}{{labels.constructor}}: {{message}}",
        values,
      ),
    ).toBe("HIGH x: {{type}}");
  });

  test.each([
    ["{{severty}}", "at character 1: {{severty}} is unknown"],
    ["a {{severity", "at character 3: {{ and }} do not belong together"],
    ["a }} b", "at character 3: {{ and }} do not belong together"],
  ])("%s is refused, saying where", (template, problem) => {
    expect(templateProblem(template)).toStartWith(problem);
    expect(templateProblem("plain {{message}} {{labels.host}}")).toBeUndefined();
  });
});
