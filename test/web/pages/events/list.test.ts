import { describe, expect, test } from "bun:test";
import type { EventRecord } from "../../../../web/data/events.ts";
import { beginOf, eventsHref, patternsOf, readEventQuery } from "../../../../web/pages/events/filters.ts";
import { rowWindow } from "../../../../web/pages/events/window.ts";
import { mount, openDom } from "../../../support/dom.ts";

openDom();
const { BnEventList } = await import("../../../../web/pages/events/bn-event-list.ts");
const { jsonError } = await import("../../../../web/pages/events/bn-publish-dialog.ts");

const record = (seq: number): EventRecord => ({
  seq,
  id: `e${seq}`,
  type: "shop.sold",
  time: new Date(1_893_456_000_000 + seq).toISOString(),
  source: "app/shop",
  correlationId: "c",
  payload: { order: seq },
});

describe("the window over a long list", () => {
  test("a list up to 200 rows is drawn whole", () => {
    expect(rowWindow(200, 5_000, 800, 36)).toEqual({ from: 0, to: 200 });
  });

  test("of a longer one, what is seen and a margin", () => {
    expect(rowWindow(2_000, 0, 720, 36)).toEqual({ from: 0, to: 32 });
    expect(rowWindow(2_000, 3_600, 720, 36)).toEqual({ from: 88, to: 132 });
    expect(rowWindow(2_000, 2_000 * 36, 720, 36)).toEqual({ from: 1_988, to: 2_000 });
  });
});

describe("bn-event-list", () => {
  test("draws few rows of many, and tells each its place among all", async () => {
    const list = new BnEventList();
    list.events = Array.from({ length: 2_000 }, (_, index) => record(2_000 - index));
    await mount(list);
    const rows = [...(list.shadowRoot?.querySelectorAll("li") ?? [])];
    expect(rows.length).toBeLessThan(60);
    expect(rows[0]?.getAttribute("aria-setsize")).toBe("2000");
    expect(rows[0]?.getAttribute("aria-posinset")).toBe("1");
    const scroll = list.shadowRoot?.querySelector("ul");
    expect(scroll?.style.paddingBottom).toBe(`${(2_000 - rows.length) * 36}px`);
  });

  test("marks the chosen event and leads to each", async () => {
    const list = new BnEventList();
    list.events = [record(2), record(1)];
    list.selectedId = "e1";
    list.hrefOf = ({ id }) => `/events?event=${id}`;
    await mount(list);
    const links = [...(list.shadowRoot?.querySelectorAll("a") ?? [])];
    expect(links.map((link) => [link.getAttribute("href"), link.getAttribute("aria-current")])).toEqual([
      ["/events?event=e2", null],
      ["/events?event=e1", "true"],
    ]);
    expect(links[0]?.textContent).toContain('{"order":2}');
  });
});

describe("the filter of events stands in the address", () => {
  test("patterns in any spelling, a range, a chosen event", () => {
    expect(patternsOf(" alert.*,  shop.sold,")).toEqual(["alert.*", "shop.sold"]);
    const query = readEventQuery(new URLSearchParams("types=a.*&range=1h"));
    expect(beginOf(query.range, 7_200_000)).toBe(3_600_000);
    expect(beginOf("all", 7_200_000)).toBeUndefined();
    expect(beginOf("odd", 86_400_000)).toBe(0);
    expect(eventsHref(query, { event: "e1" })).toBe("/events?types=a.*&range=1h&event=e1");
    expect(eventsHref(query, { types: "", range: "" })).toBe("/events");
  });
});

test("a payload that is no JSON is refused before it is sent, with the reason", () => {
  expect(jsonError('{"a":1}')).toBeUndefined();
  expect(jsonError("{a}")).toStartWith("is not JSON: ");
});
