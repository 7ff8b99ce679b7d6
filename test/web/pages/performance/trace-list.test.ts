import { describe, expect, test } from "bun:test";
import type { Trace, Traces } from "../../../../web/data/traces.ts";
import type { Page } from "../../../../web/data/types.ts";
import { readPerformanceQuery } from "../../../../web/pages/performance/filters.ts";
import { mount, openDom } from "../../../support/dom.ts";

openDom();
const { BnTraceList } = await import("../../../../web/pages/performance/bn-trace-list.ts");

const settle = () => new Promise((resolve) => setImmediate(resolve));
const trace = (name: string): Trace => ({
  ...{ traceId: name, name, service: "shop", startedAt: "2030-01-01T00:00:00.000Z" },
  ...{ duration: 1, spanCount: 1, errorCount: 0 },
});
const queryOf = (text: string) => readPerformanceQuery(new URLSearchParams(text));

/** A list whose further pages arrive when the test says so. */
async function openList() {
  const further = Promise.withResolvers<Page<Trace>>();
  let asked = 0;
  const list = new BnTraceList();
  list.traces = {
    list: async ({ name }, cursor) => {
      if (cursor === undefined) return { items: [trace(name ?? "first")], nextCursor: "2" };
      asked += 1;
      return further.promise;
    },
  } as Pick<Traces, "list"> as Traces;
  await mount(list);
  await settle();
  await list.updateComplete;
  const names = () =>
    [...(list.renderRoot.querySelector("bn-table")?.renderRoot.querySelectorAll("a") ?? [])].map(
      ({ textContent }) => textContent,
    );
  const more = () => list.renderRoot.querySelector<HTMLButtonElement>(".more button")?.click();
  return { list, further, names, more, asked: () => asked };
}

describe("more traces", () => {
  test("pressed twice, come once", async () => {
    const { list, further, names, more, asked } = await openList();
    more();
    more();
    further.resolve({ items: [trace("second")], nextCursor: null });
    await settle();
    await list.updateComplete;
    expect([names(), asked()]).toEqual([["first", "second"], 1]);
  });

  test("of a filter that was left are not shown", async () => {
    const { list, further, names, more } = await openList();
    more();
    list.query = queryOf("tab=traces&name=other");
    await settle();
    further.resolve({ items: [trace("second")], nextCursor: null });
    await settle();
    await list.updateComplete;
    expect(names()).toEqual(["other"]);
  });
});
