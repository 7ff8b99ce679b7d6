import { describe, expect, test } from "bun:test";
import { DefinitionStore } from "../../../server/alerts/definitions/store.ts";
import type { Messenger } from "../../../server/alerts/notify/messenger.ts";
import { Notifier } from "../../../server/alerts/notify/notifier.ts";
import { quietUntil, recursUntil } from "../../../server/alerts/notify/quiet-hours.ts";
import { fillTemplate, templateProblem } from "../../../server/alerts/notify/template.ts";
import { until } from "../../support/until.ts";
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

  test("the title of a message says how many are in which state", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupIntervalSeconds: 1 });
    const { id } = await house.raise("a");
    await house.tell();
    await house.alerts.resolve(id, CALLER);
    await house.raise("b");
    await house.raise("c");
    await house.clock.advance(1_000);
    await house.tell();
    expect(house.sent.map(({ title }) => title)).toEqual([
      ...["[HIGH] t: 1 firing", "[HIGH] t: 2 firing, 1 resolved"],
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

  describe("a route whose groups somebody makes up", () => {
    const MADE_UP = 70;
    const flood = (house: Awaited<ReturnType<typeof openAlertHouse>>, from: number) =>
      Promise.all(
        Array.from({ length: MADE_UP }, (_, index) =>
          house.raise(`alert ${from + index}`, { labels: { host: `made up ${from + index}` } }),
        ),
      );

    test("tells of some by themselves, of the others in one message that says how many groups they are", async () => {
      await using house = await openAlertHouse();
      await house.route({ groupBy: ["host"], groupIntervalSeconds: 1 });
      await flood(house, 0);
      await house.tell();
      expect(house.sent.map(({ count }) => count)).toEqual([...Array.from({ length: 20 }, () => 1), 50]);
      expect(house.sent.at(-1)).toMatchObject({ count: 50, groups: 50 });
      expect(house.sent.at(-1)?.message).toEndWith(
        "They are of 50 groups, more than are told of by themselves.",
      );
      for (let second = 0; second < 60; second++) {
        if (second % 20 === 0) await flood(house, 1_000 + second * MADE_UP);
        await house.clock.advance(1_000);
        await house.tell();
      }
      expect(house.sent.slice(21).map(({ count, groups }) => ({ count, groups }))).toEqual([
        { count: 3 * MADE_UP, groups: 3 * MADE_UP },
      ]);
    });

    test("goes on telling of a group that it told of before, and of new ones when the window has passed", async () => {
      await using house = await openAlertHouse();
      await house.route({ groupBy: ["host"], groupIntervalSeconds: 1 });
      const { id } = await house.raise("real", { labels: { host: "db1" } });
      await house.tell();
      await house.clock.advance(1_000);
      await flood(house, 0);
      await house.alerts.resolve(id, CALLER);
      await house.tell();
      expect(house.sent.filter(({ labels }) => labels.host === "db1").map(({ state }) => state)).toEqual([
        ...["firing", "resolved"],
      ]);
      const before = house.sent.length;
      await house.clock.advance(6 * MINUTE_MS);
      await house.raise("later", { labels: { host: "db2" } });
      await house.tell();
      expect(house.sent.slice(before).map(({ count, groups }) => ({ count, groups }))).toEqual([
        { count: 1, groups: undefined },
      ]);
    });

    test("escalates in one message, too", async () => {
      await using house = await openAlertHouse();
      const escalation = [{ afterMinutes: 5, channels: [house.channel.id] }];
      await house.route({ groupBy: ["host"], escalation });
      await flood(house, 0);
      await house.tell();
      const before = house.sent.length;
      await house.clock.advance(5 * MINUTE_MS);
      await house.tell();
      expect(house.sent.slice(before)).toMatchObject([{ reason: "escalation", count: 70, groups: 70 }]);
    });

    test("that was switched off meanwhile tells nobody, now and later", async () => {
      await using house = await openAlertHouse();
      const { id } = await house.route({ groupBy: ["host"], groupWaitSeconds: 10 });
      await flood(house, 0);
      await house.tell();
      const body = { name: "all", channels: [house.channel.id], enabled: false };
      await house.definitions.replace("route", id, body, CALLER);
      await house.clock.advance(10_000);
      await house.tell();
      await house.definitions.replace("route", id, { ...body, enabled: true }, CALLER);
      await house.tell();
      expect(house.sent).toEqual([]);
    });
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

describe("recurring maintenance", () => {
  const night = { from: "23:00", to: "01:00", timeZone: "Europe/Berlin" } as const;

  test.each([
    // A Sunday in winter; Berlin is an hour ahead.
    ["2030-01-13T22:30:00Z", ["sunday"], "2030-01-14T00:00:00.000Z"],
    ["2030-01-13T23:30:00Z", ["sunday"], "2030-01-14T00:00:00.000Z"],
    ["2030-01-13T23:30:00Z", ["monday"], undefined],
    ["2030-01-13T21:30:00Z", ["sunday"], undefined],
    ["2030-01-14T22:30:00Z", undefined, "2030-01-15T00:00:00.000Z"],
  ] as const)("at %s on %p it lasts until %s", (now, days, until) => {
    const end = recursUntil({ ...night, ...(days ? { days: [...days] } : {}) }, Date.parse(now));
    expect(end === undefined ? undefined : new Date(end).toISOString()).toBe(until);
  });

  test("holds back at its hours only, within its span; wrong hours and zones are refused", async () => {
    await using house = await openAlertHouse();
    await house.route({ groupIntervalSeconds: 1 });
    const [startsAt, endsAt] = ["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"];
    const at = (offsetMs: number) => new Date(house.clock.now() + offsetMs).toISOString().slice(11, 16);
    const hours = { from: at(0), to: at(10 * MINUTE_MS), timeZone: "UTC" };
    await house.definitions.create("window", { name: "w", startsAt, endsAt, recurrence: hours }, CALLER);
    await house.raise("a");
    await house.tell();
    expect(house.sent).toEqual([]);
    await house.clock.advance(11 * MINUTE_MS);
    await house.tell();
    expect(house.sent.length).toBe(1);
    const wrong = { ...hours, timeZone: "Nowhere/Nothing" };
    const body = { name: "x", startsAt, endsAt, recurrence: wrong };
    await expect(house.definitions.create("window", body, CALLER)).rejects.toThrow("recurrence.timeZone");
  });
});

test("a route for the rest takes what no other takes, and tells the end of what it took", async () => {
  await using house = await openAlertHouse();
  const channels = [house.channel.id];
  await house.route({ match: { types: ["disk"] }, groupIntervalSeconds: 1 });
  const match = { severities: ["HIGH", "CRITICAL"] };
  await house.definitions.create(
    "route",
    { name: "rest", channels, match, onlyUnrouted: true, groupWaitSeconds: 0, groupIntervalSeconds: 1 },
    CALLER,
  );
  await house.raise("routed", { type: "disk" });
  await house.raise("unimportant", { severity: "LOW" });
  const { id } = await house.raise("left");
  await house.tell();
  expect(house.sent.map(({ route, message }) => `${route}: ${message}`).sort()).toEqual([
    "all: HIGH firing: routed",
    "rest: HIGH firing: left",
  ]);
  await house.alerts.resolve(id, CALLER);
  await house.clock.advance(1_000);
  await house.tell();
  expect(house.sent.at(-1)).toMatchObject({ route: "rest", state: "resolved" });
});

test("a route that cannot be told is reported and tried again; the people of others are told", async () => {
  await using house = await openAlertHouse();
  await house.route({ name: "broken" });
  await house.route({ name: "well" });
  await house.raise("a");
  await until(() => house.outbox.listTargets().every(({ waiting }) => waiting === 0));
  let isBroken = true;
  const told: string[] = [];
  const messenger: Pick<Messenger, "send"> = {
    async send(_tx, { route }) {
      if (isBroken && route.name === "broken") throw new Error("no place");
      told.push(route.name);
    },
  };
  const notifier = new Notifier({ ...house, messenger });
  await notifier.tick();
  expect(told).toEqual(["well"]);
  expect(house.reported).toEqual([expect.stringContaining("no place")]);
  isBroken = false;
  await notifier.tick();
  expect(told).toEqual(["well", "broken"]);
});

test("a template that another version wrote is reported, and the usual words are sent", async () => {
  await using house = await openAlertHouse();
  await house.route();
  const broken = { name: "ops", plugin: "ops", enabled: true, titleTemplate: "{{severty}}" };
  const stamp = { createdAt: 0, updatedAt: 0, updatedBy: "test" };
  const row = { id: house.channel.id, kind: "channel", name: "ops", definition: broken, ...stamp } as const;
  await house.database.write((tx) => new DefinitionStore(house.database).put(tx, row));
  await house.definitions.open();
  await house.raise("a");
  await house.tell();
  expect(house.sent).toMatchObject([{ title: "[HIGH] t: 1 firing", message: "HIGH firing: a" }]);
  expect(house.reported).toEqual([expect.stringContaining("titleTemplate of the channel ops")]);
});

test("a template of which missing labels leave nothing gives way to the usual words", async () => {
  await using house = await openAlertHouse();
  await house.route();
  const body = {
    name: "ops",
    plugin: "ops",
    titleTemplate: "{{labels.none}}",
    lineTemplate: " {{labels.none}} ",
  };
  await house.definitions.replace("channel", house.channel.id, body, CALLER);
  const { id } = await house.raise("a");
  await house.tell();
  expect(house.sent).toMatchObject([
    {
      ...{ title: "[HIGH] t: 1 firing", message: "HIGH firing: a" },
      link: `https://binnacle.example/alerts/${id}`,
    },
  ]);
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
