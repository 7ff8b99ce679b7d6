import { describe, expect, test } from "bun:test";
import type { Defined, RouteBody, WindowBody } from "../../../../web/data/alerts-types.ts";
import { readSchema } from "../../../../web/lib/json-schema.ts";
import { checkValue } from "../../../../web/lib/schema-check.ts";
import { ROUTING_FORMS } from "../../../../web/pages/alerts/routing-forms.ts";
import { matchText, routeText, windowState } from "../../../../web/pages/alerts/routing-words.ts";

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
const { channel, route, window } = ROUTING_FORMS;

describe("the forms of routing", () => {
  test("a route goes through its form unchanged, with nothing wrong", () => {
    const draft = route.draftOf(ROUTE);
    expect([...route.judge(draft), ...checkValue(readSchema(route.schema([OPS])), draft)]).toEqual([]);
    expect(route.bodyOf(draft)).toEqual(ROUTE);
  });

  test("a new route has no quiet hours until one of their ends is set, then needs both", () => {
    const draft = { ...route.blank(), name: "All", channels: ["ops"] };
    expect([...route.judge(draft)]).toEqual([]);
    expect(route.bodyOf(draft)).not.toHaveProperty("quietHours");
    expect([...route.judge({ ...draft, quietFrom: "22:00" }).keys()]).toEqual(["/quietTo"]);
  });

  test("a route without a channel, or to one that is gone, is told so", () => {
    const field = readSchema(route.schema([OPS]));
    expect(checkValue(field, { ...route.draftOf(ROUTE), channels: [] }).get("/channels")).toBe(
      "needs at least one entry",
    );
    expect(checkValue(field, { ...route.draftOf(ROUTE), channels: ["gone"] }).has("/channels/0")).toBe(true);
  });

  test("a window goes through its form unchanged; one that ends before it begins is told so", () => {
    const draft = window.draftOf(WINDOW);
    expect([...window.judge(draft), ...checkValue(readSchema(window.schema([])), draft)]).toEqual([]);
    expect(window.bodyOf(draft)).toEqual(WINDOW);
    expect(window.judge({ ...draft, to: draft.from }).get("/to")).toBe("must be later than the beginning");
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
    expect(route.fieldOf("/quietHours/timeZone")).toBe("/quietZone");
    expect(route.fieldOf("/match/labels")).toBe("/labels");
    expect(window.fieldOf("/endsAt")).toBe("/to");
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
});
