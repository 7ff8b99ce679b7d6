import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

interface Shown {
  id: string;
  code: string;
  state: string;
  count: number;
  place: string;
}
interface Detail extends Shown {
  cause: string;
  occurrences: { correlationId: string; principal: string | null }[];
  recoveries: { strategy: string }[];
}

let app: RunningApp;
let reader: TestClient;
let writer: TestClient;
beforeAll(async () => {
  app = await startApp();
  reader = await app.token(["errors:read"]);
  writer = await app.token(["errors:write", "events:read"]);
});
afterAll(() => app[Symbol.asyncDispose]());

const list = async (query = ""): Promise<Shown[]> => {
  await app.parts.incidents.flush();
  return ((await (await reader.get(`/api/v3/errors?${query}`)).json()) as { items: Shown[] }).items;
};
const detail = async (id: string): Promise<Detail> =>
  (await (await reader.get(`/api/v3/errors/${id}`)).json()) as Detail;
/** Records a failure of its own kind and gives its id. */
const failWith = async (words: string): Promise<string> => {
  app.parts.incidents.record(new Error(words), { where: `test ${words}` });
  const [found] = await list(`text=${encodeURIComponent(words)}`);
  return found?.id ?? "";
};

describe("what is recorded by itself", () => {
  test("a fault behind a request, with its correlation id and who asked; a refusal is only counted", async () => {
    const admin = await app.token(["*"]);
    const { metrics } = app.parts;
    const original = metrics.listSeries.bind(metrics);
    metrics.listSeries = () => {
      throw new Error("the disk is on fire");
    };
    const answer = await admin.with({ "x-correlation-id": "fire-1" }).get("/api/v3/metrics/series");
    metrics.listSeries = original;
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("on fire");
    expect((await admin.get("/api/v3/nowhere")).status).toBe(404);
    const [incident, ...rest] = await list("text=fire");
    expect(rest).toEqual([]);
    expect(incident).toMatchObject({ code: "internal", state: "open", place: "GET /api/v3/metrics/series" });
    const shown = await detail(incident?.id ?? "");
    expect(shown.cause).toContain("the disk is on fire");
    expect(shown.occurrences).toMatchObject([{ correlationId: "fire-1", principal: "admin-3 (token)" }]);
    expect(await list("code=not_found")).toEqual([]);
    const summary = await (await reader.get("/api/v3/errors/summary")).json();
    expect(summary).toMatchObject({
      hours: 24,
      refused: expect.arrayContaining([{ code: "not_found", count: 1 }]),
    });
  });

  test("a subscriber that throws, with the event's correlation id", async () => {
    const id = app.parts.events.subscribe(
      "shop.**",
      () => {
        throw new Error("the till is stuck");
      },
      { name: "till" },
    );
    await app.parts.events.publishForeign([{ type: "shop.sold", payload: 1 }], "shop", "sale-1");
    app.parts.events.unsubscribe(id);
    const [incident] = await list("text=till");
    expect(incident).toMatchObject({
      headline: "Error: the till is stuck",
      place: "subscriber till of shop.sold",
      code: "internal",
    });
    expect((await detail(incident?.id ?? "")).occurrences[0]?.correlationId).toBe("sale-1");
  });

  test("the first fault of its kind becomes an event in the same write", async () => {
    const id = await failWith("never seen before");
    const events = await (await writer.get("/api/v3/events?types=error.escalated")).json();
    expect(events.items[0]).toMatchObject({
      payload: { fingerprint: id, code: "internal", reason: "first" },
    });
  });
});

describe("REST", () => {
  test("filters, pages and refuses what is wrong", async () => {
    const one = await failWith("alpha failure");
    const two = await failWith("beta failure");
    await writer.send("PUT", `/api/v3/errors/${one}/state`, { state: "ignored" });
    const ids = async (query: string) => (await list(`text=failure&${query}`)).map(({ id }) => id);
    expect(await ids("state=ignored")).toEqual([one]);
    expect(new Set(await ids("state=open&state=ignored"))).toEqual(new Set([one, two]));
    expect(new Set(await ids("kind=internal"))).toEqual(new Set([one, two]));
    expect(await ids("code=timed_out")).toEqual([]);
    expect(await ids(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect(await list("text=%25")).toEqual([]);
    const first = await (await reader.get("/api/v3/errors?limit=1")).json();
    const second = await (await reader.get(`/api/v3/errors?limit=1&cursor=${first.nextCursor}`)).json();
    expect(second.items[0].id).not.toBe(first.items[0].id);
    for (const query of ["state=broken", "kind=odd", "code=none", "limit=0", "since=yesterday", "cursor=x"]) {
      expect((await reader.get(`/api/v3/errors?${query}`)).status, query).toBeGreaterThanOrEqual(400);
    }
    expect((await reader.get("/api/v3/errors/none")).status).toBe(404);
  });

  test("who lacks the scope neither reads nor settles; settling is in the audit log", async () => {
    const id = await failWith("gamma");
    const path = `/api/v3/errors/${id}/state`;
    expect((await app.guest().get("/api/v3/errors")).status).toBe(401);
    expect((await (await app.token(["events:admin"])).get("/api/v3/errors")).status).toBe(403);
    expect((await reader.send("PUT", path, { state: "resolved" })).status).toBe(403);
    expect((await writer.send("PUT", path, { state: "reopened" })).status).toBe(422);
    const answer = await writer.send("PUT", path, { state: "resolved" });
    expect(await answer.json()).toMatchObject({ id, state: "resolved" });
    const audited = app.parts.databases.state.reader.$client
      .query<{ target: string }, []>(
        "SELECT target FROM audit WHERE action = 'error.set_state' ORDER BY seq DESC",
      )
      .get();
    expect(audited?.target).toBe(id);
  });

  test("shows every strategy with its figures", async () => {
    app.parts.incidents.countRecovery("retry", "timed_out", true);
    app.parts.incidents.countRecovery("retry", "timed_out", false);
    await app.parts.incidents.flush();
    const { items } = await (await reader.get("/api/v3/errors/strategies")).json();
    const names = items.map(({ name }: { name: string }) => name);
    expect(names).toEqual(["retry", "restart", "open_circuit", "fall_back", "escalate"]);
    expect(items[0]).toMatchObject({ attempts: 2, successes: 1, byCode: [{ code: "timed_out" }] });
  });
});

test("GraphQL: the same verbs by the same rules", async () => {
  const id = await failWith("delta");
  const query = `{ errors(state: [open], text: "delta", limit: 5) { items { id code hours occurrences { correlationId } recoveries { strategy } } } error(id: "${id}") { cause } }`;
  const found = await reader.graphql(query);
  expect(found.result.data).toMatchObject({
    errors: { items: [{ id, code: "internal" }] },
    error: { cause: expect.stringContaining("delta") },
  });
  const mutation = `mutation { setErrorState(id: "${id}", state: ignored) { state } }`;
  expect((await reader.graphql(mutation)).result.errors?.[0]?.extensions.code).toBe("scope_missing");
  expect((await writer.graphql(mutation)).result.data).toEqual({ setErrorState: { state: "ignored" } });
  const absent = await reader.graphql(`{ error(id: "none") { id } }`);
  expect(absent.result.errors?.[0]?.extensions.code).toBe("incident_not_found");
});
