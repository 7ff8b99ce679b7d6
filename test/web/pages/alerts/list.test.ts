import { describe, expect, test } from "bun:test";
import type { AlertWatch } from "../../../../web/data/alert-watch.ts";
import type { Alerts } from "../../../../web/data/alerts.ts";
import type { Alert } from "../../../../web/data/alerts-types.ts";
import { ApiProblem } from "../../../../web/data/problem.ts";
import type { Session } from "../../../../web/data/session.ts";
import { Toasts } from "../../../../web/data/toasts.ts";
import { alertsAsCsv } from "../../../../web/pages/alerts/export.ts";
import {
  alertsHref,
  filterOf,
  fits,
  isOfOpen,
  readAlertQuery,
  tabHref,
} from "../../../../web/pages/alerts/filters.ts";
import { commonVerbs, offeredVerbs, performOn } from "../../../../web/pages/alerts/verbs.ts";
import { fakeAlert } from "../../../support/fake-alerts.ts";

const queryOf = (text: string) => readAlertQuery(new URLSearchParams(text));

describe("the filter", () => {
  test("stands in the address and is read from it; what is no choice counts as none", () => {
    const query = queryOf("state=resolved&severity=high&type=disk_full&q=sda");
    expect(alertsHref(query)).toBe("/alerts?state=resolved&severity=high&type=disk_full&q=sda");
    expect(filterOf(query)).toEqual({
      states: ["resolved"],
      severity: "HIGH",
      type: "disk_full",
      text: "sda",
    });
    expect(filterOf(queryOf("state=nothing&severity=nothing")).states).toEqual([
      "firing",
      "acknowledged",
      "muted",
    ]);
    expect(tabHref("alerts")).toBe("/alerts");
  });

  test("only what is open is answered from what is kept here", () => {
    expect(
      ["", "muted", "resolved", "all"].map((state) => isOfOpen(filterOf(queryOf(`state=${state}`)))),
    ).toEqual([true, true, false, false]);
  });

  test("text is found in message, type and labels, in either case", () => {
    const alert = fakeAlert({ labels: { host: "DB1" } });
    expect(["SDA", "disk_", "db1", "web1"].map((text) => fits(alert, { text }))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(fits(alert, { severity: "LOW" })).toBe(false);
    expect(fits(alert, { states: ["muted"] })).toBe(false);
  });
});

describe("the export", () => {
  test("is one line an alert, quoted where it must be, and no formula in a spreadsheet", () => {
    const alert = fakeAlert({ message: '=1+1, "so"', labels: { a: "b" } });
    const [head, line, end] = alertsAsCsv([alert]).split("\r\n");
    expect(head?.startsWith("id,type,severity,state,message,labels")).toBe(true);
    expect(line).toContain(`"'=1+1, ""so""","{""a"":""b""}"`);
    expect(end).toBe("");
  });
});

describe("verbs", () => {
  const may = { can: () => true } as unknown as Session;

  test("are those of the state, for who may change alerts; of several those that fit all", () => {
    const firing = fakeAlert();
    const muted = fakeAlert({ state: "muted" });
    expect(offeredVerbs(firing, { can: () => false } as unknown as Session)).toEqual([]);
    expect(commonVerbs([firing, muted], may)).toEqual(["acknowledge", "mute", "resolve"]);
    expect(commonVerbs([firing, fakeAlert({ state: "resolved" })], may)).toEqual([]);
  });

  test("on many: what failed is told, the others are done, and taken back by one press", async () => {
    const performed: string[] = [];
    const heard: Alert[] = [];
    const alerts = {
      perform: async (id: string, verb: string) => {
        performed.push(`${verb} ${id}`);
        if (id === "bad")
          throw new ApiProblem({ code: "x", status: 409, title: "No", detail: "It is over." });
        return fakeAlert({ id, state: "resolved" });
      },
    } as unknown as Alerts;
    const watch = { hear: (alert: Alert) => heard.push(alert) } as unknown as AlertWatch;
    const toasts = new Toasts({ now: () => 0, after: () => () => {} });
    const chosen = ["one", "bad", "two"].map((id) => fakeAlert({ id }));
    const done = await performOn({ alerts, watch, toasts }, "resolve", chosen);
    expect(done.map(({ id }) => id)).toEqual(["one", "two"]);
    expect(heard).toHaveLength(2);
    expect(toasts.shown.value.map(({ text }) => text)).toEqual(["2 alerts: resolved", "No. It is over."]);
    performed.length = 0;
    toasts.shown.value[0]?.action?.run();
    expect(performed).toEqual(["reopen one", "reopen two"]);
  });
});
