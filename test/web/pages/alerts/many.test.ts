import { afterEach, describe, expect, test } from "bun:test";
import type { AlertWatch } from "../../../../web/data/alert-watch.ts";
import type { Alerts } from "../../../../web/data/alerts.ts";
import type { Alert, AlertFilter } from "../../../../web/data/alerts-types.ts";
import { Observable } from "../../../../web/lib/observable.ts";
import { readAlertQuery } from "../../../../web/pages/alerts/filters.ts";
import { mount, openDom } from "../../../support/dom.ts";
import { fakeAlert } from "../../../support/fake-alerts.ts";

openDom();
const { BnAlertList } = await import("../../../../web/pages/alerts/bn-alert-list.ts");

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A list over a watch and a server of the test's. */
function openList(query: string) {
  const asked: AlertFilter[] = [];
  const open = new Observable<readonly Alert[] | undefined>(undefined);
  const watch = { open, isCut: false, changed: new Observable(0), problem: new Observable(undefined) };
  const alerts = {
    listWorst: async (filter: AlertFilter) => {
      asked.push(filter);
      return { items: [fakeAlert({ message: "from the server" })], isCut: true };
    },
  };
  const list = new BnAlertList();
  list.alerts = alerts as unknown as Alerts;
  list.watch = watch as unknown as AlertWatch;
  list.query = readAlertQuery(new URLSearchParams(query));
  return { list, watch, open, asked };
}

describe("the list", () => {
  afterEach(() => document.body.replaceChildren());

  const textOf = async (list: InstanceType<typeof BnAlertList>): Promise<string> => {
    await settle();
    await list.updateComplete;
    return list.renderRoot.querySelector("header")?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
  };

  test("of open alerts is answered from what is kept, without asking", async () => {
    const { list, open, asked } = openList("");
    await mount(list);
    open.set([fakeAlert(), fakeAlert({ state: "muted" })]);
    expect(await textOf(list)).toContain("2 alerts, 1 firing");
    expect(asked).toEqual([]);
  });

  test("of more open ones than are kept asks the server, also when that is known only later", async () => {
    const { list, watch, open, asked } = openList("severity=high");
    await mount(list);
    watch.isCut = true;
    open.set([fakeAlert()]);
    await textOf(list);
    expect(asked).toEqual([
      { states: ["firing", "acknowledged", "muted"], severity: "HIGH", type: undefined, text: undefined },
    ]);
    expect(await textOf(list)).toContain("The worst 1 alert, 1 firing; there are more");
  });

  test("of resolved ones asks anew with every change that is told", async () => {
    const { list, watch, asked } = openList("state=resolved");
    await mount(list);
    await textOf(list);
    watch.changed.set(1);
    await textOf(list);
    expect(asked.map(({ states }) => states)).toEqual([["resolved"], ["resolved"]]);
  });
});
