import { expect, test } from "bun:test";
import type { EventRecord, Events, EventTail, TailPhase } from "../../../../web/data/events.ts";
import { Observable } from "../../../../web/lib/observable.ts";
import { mount, openDom } from "../../../support/dom.ts";

openDom();
const { BnEventsPage } = await import("../../../../web/pages/events/bn-events-page.ts");

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a filter that was left is not followed, however late its list comes", async () => {
  const late = Promise.withResolvers<EventRecord[]>();
  const followed: (readonly string[])[] = [];
  let isFollowing = false;
  const page = new BnEventsPage();
  page.events = {
    newestSeq: async () => 7,
    list: ({ types }) => (types.includes("slow.*") ? late.promise : Promise.resolve([])),
  } as Pick<Events, "newestSeq" | "list"> as Events;
  page.tail = {
    ...{ phase: new Observable<TailPhase>("idle"), missed: new Observable(0) },
    follow: (types) => {
      isFollowing = true;
      followed.push(types);
    },
    stop: () => {
      isFollowing = false;
    },
  } as Pick<EventTail, "phase" | "missed" | "follow" | "stop"> as EventTail;
  await mount(page);
  await settle();
  expect([followed, isFollowing]).toEqual([[[]], true]);
  page.query = new URLSearchParams("types=slow.*");
  await page.updateComplete;
  expect(isFollowing).toBe(false);
  page.query = new URLSearchParams("types=quick.*");
  await settle();
  late.resolve([]);
  await settle();
  expect([followed, isFollowing]).toEqual([[[], ["quick.*"]], true]);
});
