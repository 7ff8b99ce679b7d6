import { describe, expect, test } from "bun:test";
import type { Defined, Recurrence, RouteBody, WindowBody } from "../../../../web/data/alerts-types.ts";
import { readSchema } from "../../../../web/lib/json-schema.ts";
import { checkValue } from "../../../../web/lib/schema-check.ts";
import { ROUTING_FORMS } from "../../../../web/pages/alerts/routing-forms.ts";
import { matchText, routeText, windowState, windowText } from "../../../../web/pages/alerts/routing-words.ts";

const stamp = { createdAt: "", updatedAt: "", updatedBy: "" };
const OPS: Defined<"channel"> = { id: "ops", name: "Ops", enabled: true, plugin: "slack", ...stamp };
const ROUTE: RouteBody = {
  name: "Nights",
  enabled: true,
  match: { severities: ["HIGH", "CRITICAL"], types: ["disk_full"], labels: { host: "db1" } },
  channels: ["ops"],
  groupBy: ["type"],
  groupWaitSeconds: 10,
  groupIntervalSeconds: 300,
  tellResolved: false,
  quietHours: { from: "22:00", to: "06:00", timeZone: "Europe/Berlin", exceptSeverity: "CRITICAL" },
  escalation: [{ afterMinutes: 5, channels: ["ops"] }],
};
const WINDOW: WindowBody = {
  name: "Upgrade",
  startsAt: "2030-01-01T10:00:00.000Z",
  endsAt: "2030-01-01T12:00:00.000Z",
  match: { labels: { host: "db1" } },
};
const RECURRING: WindowBody = {
  name: "Sundays",
  startsAt: "2030-01-01T00:00:00.000Z",
  endsAt: "2031-01-01T00:00:00.000Z",
  recurrence: { days: ["sunday"], from: "02:00", to: "04:00", timeZone: "Europe/Berlin" },
  match: {},
};
const { channel, route, window } = ROUTING_FORMS;

describe("the forms of routing", () => {
  test("a route goes through its form unchanged, with nothing wrong", () => {
    const draft = route.draftOf(ROUTE);
    expect([...route.judge(draft), ...checkValue(readSchema(route.schema([OPS], {})), draft)]).toEqual([]);
    expect(route.bodyOf(draft)).toEqual(ROUTE);
  });

  test("a new route has no quiet hours until one of their ends is set, then needs both", () => {
    const draft = { ...route.blank(), name: "All", channels: ["ops"] };
    expect([...route.judge(draft)]).toEqual([]);
    expect(route.bodyOf(draft)).not.toHaveProperty("quietHours");
    expect([...route.judge({ ...draft, quietFrom: "22:00" }).keys()]).toEqual(["/quietTo"]);
  });

  test("a route without a channel, or to one that is gone, is told so", () => {
    const field = readSchema(route.schema([OPS], {}));
    expect(checkValue(field, { ...route.draftOf(ROUTE), channels: [] }).get("/channels")).toBe(
      "needs at least one entry",
    );
    expect(checkValue(field, { ...route.draftOf(ROUTE), channels: ["gone"] }).has("/channels/0")).toBe(true);
  });

  test("a window goes through its form unchanged; one that ends before it begins is told so", () => {
    const draft = window.draftOf(WINDOW);
    expect([...window.judge(draft), ...checkValue(readSchema(window.schema([], draft)), draft)]).toEqual([]);
    expect(window.bodyOf(draft)).toEqual(WINDOW);
    expect(window.judge({ ...draft, to: draft.from }).get("/to")).toBe("must be later than the beginning");
  });

  test.each([RECURRING, { ...RECURRING, recurrence: { from: "22:00", to: "06:00", timeZone: "UTC" } }])(
    "a window that comes again goes through its form unchanged",
    (body) => {
      const draft = window.draftOf(body);
      expect([...window.judge(draft), ...checkValue(readSchema(window.schema([], draft)), draft)]).toEqual(
        [],
      );
      expect(window.bodyOf(draft)).toEqual(body);
    },
  );

  test("a window that comes again needs its hours, its days and a zone that there is", () => {
    const wrong = (more: object): string[] => {
      const draft = { ...window.draftOf(RECURRING), ...more };
      const problems = [...window.judge(draft), ...checkValue(readSchema(window.schema([], draft)), draft)];
      return problems.map(([field]) => field);
    };
    expect(wrong({ opensAt: undefined })).toEqual(["/opensAt"]);
    expect(wrong({ closesAt: "02:00" })).toEqual(["/closesAt"]);
    expect(wrong({ zone: "Mars/Olympus" })).toEqual(["/zone"]);
    expect(wrong({ days: [] })).toEqual(["/days"]);
    expect(wrong({ repeats: "daily", days: [] })).toEqual([]);
    expect(wrong({ until: window.draftOf(RECURRING).from })).toEqual(["/until"]);
  });

  test("a new window is open once, for an hour; chosen to come again it does so for a year", () => {
    const draft = { ...window.blank(), name: "Nightly", opensAt: "02:00", closesAt: "04:00", zone: "UTC" };
    const span = ({ startsAt, endsAt }: WindowBody) => Date.parse(endsAt) - Date.parse(startsAt);
    expect(window.bodyOf(draft)).not.toHaveProperty("recurrence");
    expect(span(window.bodyOf(draft))).toBe(3_600_000);
    const again = window.bodyOf({ ...draft, repeats: "daily" });
    expect(again.recurrence).toEqual({ from: "02:00", to: "04:00", timeZone: "UTC" });
    expect(Math.round(span(again) / 86_400_000)).toBe(365);
  });

  test("a route for the rest stays one, and others do not become one", () => {
    const rest = { ...ROUTE, onlyUnrouted: true };
    expect(route.bodyOf(route.draftOf(rest))).toEqual(rest);
    expect(route.bodyOf({ ...route.draftOf(rest), onlyUnrouted: false })).toEqual(ROUTE);
  });

  test("a channel's empty templates are left to the server's own", () => {
    const draft = { ...channel.draftOf(OPS), titleTemplate: "", lineTemplate: "{{message}}" };
    expect(channel.bodyOf(draft)).toEqual({
      name: "Ops",
      enabled: true,
      plugin: "slack",
      lineTemplate: "{{message}}",
    });
  });

  test("what the server refuses finds its field", () => {
    expect(route.fieldOf("/quietHours/timeZone", {})).toBe("/quietZone");
    expect(route.fieldOf("/match/labels", {})).toBe("/labels");
    expect(window.fieldOf("/endsAt", window.blank())).toBe("/to");
    expect(window.fieldOf("/endsAt", { repeats: "daily" })).toBe("/until");
    expect(window.fieldOf("/recurrence/timeZone", { repeats: "daily" })).toBe("/zone");
  });
});

describe("in words", () => {
  test("a match, and a route with its channels", () => {
    expect(matchText({})).toBe("every alert");
    expect(routeText({ id: "r", ...ROUTE, ...stamp }, [OPS])).toBe(
      "high or critical, disk_full, host=db1 → Ops; quiet 22:00 to 06:00; 1 step of escalation",
    );
  });

  test("a window before, in and after its time", () => {
    const words = ["09:00", "10:00", "12:00"].map(
      (time) => windowState(WINDOW, Date.parse(`2030-01-01T${time}:00Z`)).word,
    );
    expect(words).toEqual(["To come", "Open", "Over"]);
  });

  test("hours that come again, and the days as one says them", () => {
    const text = (recurrence: Recurrence) =>
      windowText({ id: "w", ...RECURRING, recurrence, ...stamp }).split(", from")[0];
    const hours = { from: "02:00", to: "04:00", timeZone: "Europe/Berlin" };
    expect(text({ ...hours, days: ["sunday"] })).toBe("Every Sunday 02:00–04:00, Europe/Berlin");
    expect(text({ ...hours, days: ["sunday", "saturday"] })).toStartWith("Every Saturday and Sunday 02:00");
    expect(text({ ...hours, days: ["monday", "tuesday", "wednesday"] })).toStartWith(
      "Monday to Wednesday 02",
    );
    expect(text(hours)).toStartWith("Every day 02:00–04:00");
    expect(routeText({ id: "r", ...ROUTE, onlyUnrouted: true, ...stamp }, [OPS])).toContain(
      "host=db1, if no other route takes it → Ops",
    );
  });

  test.each([
    ["2030-01-06T00:59:00Z", "To come again"],
    ["2030-01-06T01:00:00Z", "Open"],
    ["2030-01-06T03:00:00Z", "To come again"],
    ["2030-01-07T01:30:00Z", "To come again"],
    ["2031-01-05T01:30:00Z", "Over"],
  ])("a window of Sundays in Berlin at %s: %s", (at, word) => {
    expect(windowState(RECURRING, Date.parse(at)).word).toBe(word);
  });

  test("hours over midnight belong to the day on which they begin", () => {
    const recurrence: Recurrence = { days: ["sunday"], from: "22:00", to: "02:00", timeZone: "UTC" };
    const at = (time: string) => windowState({ ...RECURRING, recurrence }, Date.parse(time)).word;
    expect(["2030-01-06T23:00:00Z", "2030-01-07T01:59:00Z"].map(at)).toEqual(["Open", "Open"]);
    expect(["2030-01-06T01:00:00Z", "2030-01-07T02:00:00Z"].map(at)).toEqual([
      "To come again",
      "To come again",
    ]);
  });
});
