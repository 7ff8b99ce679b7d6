import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { MessageView, NoticeView } from "../../../server/alerts/model.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";
import { CALLER, openAlertHouse } from "./alert-house.ts";

describe("who was told of an alert", () => {
  let house: Awaited<ReturnType<typeof openAlertHouse>>;
  beforeEach(async () => {
    house = await openAlertHouse();
    return () => house[Symbol.asyncDispose]();
  });

  test("each message stands with its channel, its reason and the delivery it became", async () => {
    const route = await house.route({ escalation: [{ afterMinutes: 5, channels: [house.channel.id] }] });
    const alert = await house.raise("sda is full");
    await house.tell();
    await house.clock.advance(5 * 60_000);
    await house.tell();
    const messages = await house.notices.listMessagesOf(alert.id, 10);
    expect(messages.map(({ reason, channelId, routeId }) => ({ reason, channelId, routeId }))).toEqual([
      { reason: "escalation", channelId: house.channel.id, routeId: route.id },
      { reason: "change", channelId: house.channel.id, routeId: route.id },
    ]);
    const deliveries = await house.outbox.findMany(messages.map(({ deliveryId }) => deliveryId));
    expect(deliveries.map(({ state }) => state)).toEqual(["delivered", "delivered"]);
    expect(house.sent.map(({ id }) => id).toSorted()).toEqual(
      messages.map(({ deliveryId }) => deliveryId).toSorted(),
    );
  });

  test("an alert of nobody's route was told to nobody", async () => {
    await house.route({ match: { types: ["other"] } });
    const alert = await house.raise("sda is full");
    await house.tell();
    expect(await house.notices.listMessagesOf(alert.id, 10)).toEqual([]);
    expect(await house.notices.listOf(alert.id)).toEqual([]);
  });

  test("what is forgotten takes its messages along", async () => {
    await house.route();
    const alert = await house.raise("sda is full");
    await house.tell();
    await house.alerts.resolve(alert.id, CALLER);
    await house.tell();
    await house.clock.advance(91 * 86_400_000);
    await house.alerts.prune();
    expect(await house.notices.listMessagesOf(alert.id, 10)).toEqual([]);
  });
});

describe("over REST", () => {
  let app: RunningApp;
  let reader: TestClient;
  let writer: TestClient;
  beforeAll(async () => {
    app = await startApp();
    reader = await app.token(["alerts:read"]);
    writer = await app.token(["alerts:write"]);
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const raise = async (message: string, labels: Record<string, string> = {}): Promise<string> => {
    const body = { alertType: "disk", severity: "HIGH", message, labels };
    const answer = await writer.send("POST", "/api/v3/alerts/trigger", body);
    return ((await answer.json()) as { alertId: string }).alertId;
  };
  const idsOf = async (query: Record<string, string>): Promise<string[]> => {
    const answer = await reader.get(`/api/v3/alerts/recent?${new URLSearchParams(query)}`);
    return ((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id);
  };

  test("a list is chosen by text of message, type and labels, in which nothing is a wildcard", async () => {
    const full = await raise("50% of SDA is used", { host: "db1" });
    const other = await raise("nothing of it", { host: "web1" });
    expect(await idsOf({ text: "sda" })).toEqual([full]);
    expect(await idsOf({ text: "WEB1" })).toEqual([other]);
    expect(await idsOf({ text: "0% of" })).toEqual([full]);
    expect(await idsOf({ text: "%" })).toEqual([full]);
    const foreign = await raise("Überlauf von ÄÖ", { host: "web2" });
    for (const text of ["Über", "ÄÖ", "überlauf".slice(1)]) expect(await idsOf({ text })).toEqual([foreign]);
    expect((await reader.get("/api/v3/alerts/recent?text=")).status).toBe(422);
  });

  test("what was open in a span is what was raised before its end and not resolved before its begin", async () => {
    const over = await raise("over", { span: "1" });
    await writer.send("PUT", `/api/v3/alerts/${over}/resolution`, {});
    const open = await raise("open", { span: "2" });
    const now = Date.now();
    const at = (offsetMs: number) => new Date(now + offsetMs).toISOString();
    const found = await idsOf({ openSince: at(60_000) });
    expect([found.includes(open), found.includes(over)]).toEqual([true, false]);
    expect(await idsOf({ until: at(-60_000) })).toEqual([]);
    expect(await idsOf({ openSince: at(-60_000), until: at(60_000) })).toContain(over);
  });

  test("notices are for readers of alerts; of an unknown alert there are none", async () => {
    const id = await raise("told to nobody", { span: "3" });
    const answer = await reader.get(`/api/v3/alerts/${id}/notices`);
    expect((await answer.json()) as { notices: NoticeView[]; messages: MessageView[] }).toEqual({
      notices: [],
      messages: [],
    });
    expect((await reader.get("/api/v3/alerts/nothing/notices")).status).toBe(404);
    const stranger = await app.token(["metrics:read"]);
    expect((await stranger.get(`/api/v3/alerts/${id}/notices`)).status).toBe(403);
  });

  test("an acknowledgement and a resolution are taken back; not once it was raised anew", async () => {
    const id = await raise("taken back", { span: "4" });
    const put = (part: string) => writer.send("PUT", `/api/v3/alerts/${id}/${part}`, {});
    const takeBack = async (part: string): Promise<{ status: number; state?: string }> => {
      const answer = await writer.fetch(`/api/v3/alerts/${id}/${part}`, { method: "DELETE" });
      const { state } = (await answer.json()) as { state?: string };
      return { status: answer.status, ...(state === undefined ? {} : { state }) };
    };
    await put("acknowledgement");
    expect(await takeBack("acknowledgement")).toEqual({ status: 200, state: "firing" });
    await put("resolution");
    expect(await takeBack("resolution")).toEqual({ status: 200, state: "firing" });
    await put("resolution");
    const anew = await raise("taken back", { span: "4" });
    expect(anew).not.toBe(id);
    expect((await takeBack("resolution")).status).toBe(409);
    expect((await reader.fetch(`/api/v3/alerts/${anew}/resolution`, { method: "DELETE" })).status).toBe(403);
  });

  test("each rule has a standing: what it fired, and the series that it follows", async () => {
    const answer = await reader.get("/api/v3/alert-rules/standings");
    const { items } = (await answer.json()) as { items: object[] };
    expect(items.length).toBe(5);
    expect(items.at(-1)).toEqual({
      ruleId: expect.any(String),
      ...{ open: 0, lastFiredAt: null, followed: null, leftOut: 0 },
    });
  });
});
