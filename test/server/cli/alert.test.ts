import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { sql } from "drizzle-orm";
import { NOTIFICATION_KIND } from "../../../server/alerts/notify/channel-delivery.ts";
import { run } from "../../../server/cli/program.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

const LIMIT_MS = 30_000;

let app: RunningApp;
let writer: TestClient;
let way: string[];
let channelId: string;
beforeAll(async () => {
  app = await startApp();
  writer = await app.token(["alerts:write"]);
  way = ["--url", app.address, "--token", writer.headers.authorization?.slice("Bearer ".length) ?? ""];
  const body = { name: "ops", plugin: "webhook" };
  const made = await writer.send("POST", "/api/v3/notification-channels", body);
  channelId = ((await made.json()) as { id: string }).id;
}, LIMIT_MS);
afterAll(() => app[Symbol.asyncDispose]());

/** What a command of `alert` writes, and its exit code. */
const said = (...args: string[]) => saidBy("alert", ...args, ...way);

async function saidBy(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const out = spyOn(console, "log").mockImplementation((text) => void lines.push(String(text)));
  const errors = spyOn(console, "error").mockImplementation((text) => void lines.push(String(text)));
  try {
    return { code: await run(args), text: lines.join("\n") };
  } finally {
    out.mockRestore();
    errors.mockRestore();
  }
}

/** A message that was given up, as the outbox keeps it. */
async function bury(title: string): Promise<string> {
  const { outbox, databases } = app.parts;
  const message = {
    ...{ reason: "change", route: "all", type: "t", severity: "HIGH", state: "firing", title, message: "m" },
    ...{ labels: {}, count: 3, group: "g", createdAt: "2030-01-01T00:00:00.000Z", alerts: [] },
  };
  return databases.state.write(async (tx) => {
    const id = await outbox.enqueue(tx, { kind: NOTIFICATION_KIND, target: channelId, payload: message });
    const lastError = "Slack answered 404: no_service";
    tx.run(sql`UPDATE outbox SET state = 'dead', attempts = 12, last_error = ${lastError} WHERE id = ${id}`);
    return id;
  });
}

describe("binnacle alert", () => {
  test(
    "raises, lists and settles an alert",
    async () => {
      const raised = JSON.parse((await said("trigger", "disk", "high", "sda is full", "--json")).text) as {
        alertId: string;
      };
      expect((await said("trigger", "disk", "HIGH", "sda is full")).text).toContain("counts once more");
      const listed = await said("list", "--state", "firing");
      expect(listed.text).toContain("sda is full (2 times)");
      for (const [verb, outcome] of [
        ["ack", "is acknowledged"],
        ["mute", "is muted"],
        ["resolve", "is resolved"],
      ] as const) {
        expect(await said(verb, raised.alertId)).toEqual({ code: 0, text: `${raised.alertId} ${outcome}.` });
      }
      expect((await said("trigger", "disk", "urgent", "x")).code).not.toBe(0);
      expect((await said("mute", raised.alertId, "--for", "soon")).code).not.toBe(0);
    },
    LIMIT_MS,
  );

  test(
    "shows channels and messages that were given up with the last answer, tries them anew, forgets them",
    async () => {
      const id = await bury("two disks are full");
      expect((await said("channels")).text).toMatch(/ops\s+webhook\s+active/);
      const shown = await said("messages", "--state", "dead", "--channel", "ops");
      expect(shown.text).toContain("two disks are full");
      expect(shown.text).toContain("Slack answered 404: no_service");
      expect(await said("discard", id)).toEqual({ code: 0, text: `${id} is forgotten.` });
      expect((await said("retry", id)).code).not.toBe(0);
      const another = await bury("again");
      expect(await said("retry", another)).toEqual({ code: 0, text: `${another} is tried anew.` });
      expect((await said("messages", "--state", "dead")).text).not.toContain("again");
    },
    LIMIT_MS,
  );
});

test(
  "deliveries are listed by the name of their channel, on the command line and over GraphQL",
  async () => {
    const id = await bury("named");
    await writer.send("POST", "/api/v3/alerts/trigger", {
      alertType: "n",
      severity: "LOW",
      message: "named",
    });
    const reader = await app.token(["events:read"]);
    const token = reader.headers.authorization?.slice("Bearer ".length) ?? "";
    const list = (kind: string) =>
      saidBy("delivery", "list", "--kind", kind, "--url", app.address, "--token", token);
    const { text } = await list(NOTIFICATION_KIND);
    expect(text).toMatch(/notification\s+ops\s/);
    expect(text).not.toContain(channelId);
    const routed = (await list("alert")).text;
    expect(routed).toContain("routes of alerts");
    expect(routed).not.toContain("lane-");
    const query = `{ deliveries(kind: "notification", limit: 1) { items { target targetName } } }`;
    expect((await reader.graphql(query)).result.data).toEqual({
      deliveries: { items: [{ target: channelId, targetName: "ops" }] },
    });
    await said("discard", id);
  },
  LIMIT_MS,
);

describe("messages that were given up", () => {
  test(
    "are seen by readers of alerts, settled by writers, also over GraphQL; other deliveries are not theirs",
    async () => {
      const reader = await app.token(["alerts:read"]);
      const id = await bury("over GraphQL");
      const query = `{ notifications(state: "dead") { items { id channelName title attempts lastError } nextCursor } }`;
      expect((await reader.graphql(query)).result.data).toMatchObject({
        notifications: {
          items: [
            {
              ...{ id, channelName: "ops", title: "over GraphQL", attempts: 12 },
              lastError: "Slack answered 404: no_service",
            },
          ],
          nextCursor: null,
        },
      });
      const refused = await reader.fetch(`/api/v3/notifications/${id}`, { method: "DELETE" });
      expect(refused.status).toBe(403);
      const foreign = await app.parts.databases.state.write((tx) =>
        app.parts.outbox.enqueue(tx, { kind: "webhook", target: "x", payload: 1 }),
      );
      expect((await writer.fetch(`/api/v3/notifications/${foreign}`, { method: "DELETE" })).status).toBe(404);
      const discard = `mutation { discardNotification(id: "${id}") }`;
      expect((await writer.graphql(discard)).result.data).toEqual({ discardNotification: true });
    },
    LIMIT_MS,
  );

  test(
    "a channel is paused and goes on; its status says so",
    async () => {
      const path = `/api/v3/notification-channels/${channelId}/pause`;
      const stateNow = async () => {
        const answer = await writer.get("/api/v3/notification-channels/status");
        return ((await answer.json()) as { items: { state: string }[] }).items.map(({ state }) => state);
      };
      expect((await writer.send("PUT", path, {})).ok).toBe(true);
      expect(await stateNow()).toEqual(["paused"]);
      expect((await writer.fetch(path, { method: "DELETE" })).ok).toBe(true);
      expect(await stateNow()).toEqual(["active"]);
    },
    LIMIT_MS,
  );
});

test(
  "alertChanged tells of each alert as it is raised and changed",
  async () => {
    const query = "subscription { alertChanged { message state } }";
    const answer = await writer.with({ accept: "text/event-stream" }).send("POST", "/graphql", { query });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const readUntil = async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) text += (await reader?.read())?.value ?? "";
    };
    const raise = { alertType: "t", severity: "LOW", message: "told live" };
    const raised = await writer.send("POST", "/api/v3/alerts/trigger", raise);
    const { alertId } = (await raised.json()) as { alertId: string };
    await readUntil('"message":"told live","state":"firing"');
    await writer.send("PUT", `/api/v3/alerts/${alertId}/resolution`, {});
    await readUntil('"message":"told live","state":"resolved"');
    await reader?.cancel();
  },
  LIMIT_MS,
);
