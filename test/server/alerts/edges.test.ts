import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let reader: TestClient;
let writer: TestClient;
beforeAll(async () => {
  app = await startApp();
  reader = await app.token(["alerts:read"]);
  writer = await app.token(["alerts:write"]);
});
afterAll(() => app[Symbol.asyncDispose]());

interface Shown {
  id: string;
  state: string;
  severity: string;
  timeline?: { from: string | null; to: string; by: string }[];
}
const raise = async (message: string, severity = "HIGH"): Promise<string> => {
  const answer = await writer.send("POST", "/api/v3/alerts/trigger", {
    alertType: "disk",
    severity,
    message,
  });
  return ((await answer.json()) as { alertId: string }).alertId;
};
const shown = async (id: string): Promise<Shown> =>
  (await (await reader.get(`/api/v3/alerts/${id}`)).json()) as Shown;

describe("over REST", () => {
  test("a raise answers 201, the same again 200 with the same id", async () => {
    const body = { alertType: "disk", severity: "warning", message: "sda is full" };
    const first = await writer.send("POST", "/api/v3/alerts/trigger", body);
    const second = await writer.send("POST", "/api/v3/alerts/trigger", body);
    expect([first.status, second.status]).toEqual([201, 200]);
    const [{ alertId }, again] = (await Promise.all([first.json(), second.json()])) as {
      alertId: string;
    }[] as [{ alertId: string }, unknown];
    expect(again).toEqual({ success: true, alertId, isNew: false });
    expect(await shown(alertId)).toMatchObject({ severity: "MEDIUM", state: "firing", occurrences: 2 });
  });

  test("acknowledged, muted, fired again and resolved: each in the timeline with who did it", async () => {
    const id = await raise("life");
    const steps = [
      await writer.send("PUT", `/api/v3/alerts/${id}/acknowledgement`, { note: "on it" }),
      await writer.send("PUT", `/api/v3/alerts/${id}/mute`, { seconds: 60 }),
      await writer.fetch(`/api/v3/alerts/${id}/mute`, { method: "DELETE" }),
      await writer.send("PUT", `/api/v3/alerts/${id}/resolution`, {}),
    ];
    expect(steps.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { timeline } = await shown(id);
    expect(timeline?.map(({ to }) => to)).toEqual(["firing", "acknowledged", "muted", "firing", "resolved"]);
    expect(timeline?.[1]?.by).toContain("token");
    expect((await writer.send("PUT", `/api/v3/alerts/${id}/acknowledgement`, {})).status).toBe(409);
  });

  test("a wrong severity is refused by name, an unknown alert is not found, a reader changes nothing", async () => {
    const answer = await writer.send("POST", "/api/v3/alerts/trigger", {
      ...{ alertType: "disk", severity: "URGENT", message: "m" },
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "validation_failed", errors: [{ path: "severity" }] });
    expect((await reader.get("/api/v3/alerts/none")).status).toBe(404);
    expect((await reader.send("POST", "/api/v3/alerts/trigger", {})).status).toBe(403);
  });

  test("the list filters, the summary counts by severity and state", async () => {
    const id = await raise("counted", "CRITICAL");
    const page = (await (
      await reader.get("/api/v3/alerts/recent?severity=CRITICAL&state=firing")
    ).json()) as { items: Shown[] };
    expect(page.items.map((one) => one.id)).toEqual([id]);
    expect(await (await reader.get("/api/v3/alerts/summary")).json()).toMatchObject({
      severities: { CRITICAL: { firing: 1, resolved: 0 } },
    });
  });
});

describe("rules, channels and routes", () => {
  test("a new server has the five rules of the house", async () => {
    const { items } = (await (await reader.get("/api/v3/alert-rules")).json()) as {
      items: { name: string }[];
    };
    expect(items.map(({ name }) => name)).toEqual([
      ...["Disk nearly full", "Memory pressure", "CPU saturation", "Failing backups", "Unhealthy plugin"],
    ]);
  });

  const threshold = { kind: "threshold", series: { name: "x" }, direction: "above", value: 1 };
  const rule = { name: "short", alertType: "q", severity: "LOW", condition: threshold };

  test("a rule is previewed and made without what has a default, within its condition too", async () => {
    const preview = await writer.send("POST", "/api/v3/alert-rules/preview", { rule });
    expect(await preview.json()).toMatchObject({ fired: 0, looked: 0 });
    const made = await writer.send("POST", "/api/v3/alert-rules", rule);
    expect(await made.json()).toMatchObject({ enabled: true, dependsOn: [], condition: { forSeconds: 0 } });
  });

  test("a condition that is none says which field is wrong", async () => {
    const detail = async (condition: object) => {
      const answer = await writer.send("POST", "/api/v3/alert-rules", { ...rule, condition });
      return ((await answer.json()) as { detail: string }).detail;
    };
    expect(await detail({ ...threshold, value: "1" })).toBe("condition.value: Expected number.");
    expect(await detail({ ...threshold, kind: "treshold" })).toBe(
      "condition.kind: Expected one of threshold, absence, rate, anomaly, event.",
    );
    expect(await detail({})).toStartWith("condition.kind: Expected one of threshold");
  });

  test("a channel with a broken template and a route to nowhere are refused, saying where", async () => {
    const channel = await writer.send("POST", "/api/v3/notification-channels", {
      ...{ name: "c", plugin: "slack", titleTemplate: "{{severty}}" },
    });
    expect(await channel.json()).toMatchObject({
      errors: [
        { path: "titleTemplate", message: expect.stringContaining("at character 1: {{severty}} is unknown") },
      ],
    });
    const route = await writer.send("POST", "/api/v3/notification-routes", {
      name: "r",
      channels: ["nowhere"],
    });
    expect(await route.json()).toMatchObject({
      errors: [{ path: "channels", message: "there is no channel nowhere" }],
    });
  });

  test("what is set up is shown with its defaults, replaced, and removed once nothing uses it", async () => {
    const made = await writer.send("POST", "/api/v3/notification-channels", { name: "ops", plugin: "slack" });
    expect(made.status).toBe(201);
    const { id } = (await made.json()) as { id: string };
    const routed = await writer.send("POST", "/api/v3/notification-routes", { name: "all", channels: [id] });
    const route = (await routed.json()) as { id: string };
    expect(route).toMatchObject({ enabled: true, groupWaitSeconds: 10, tellResolved: true, escalation: [] });
    expect((await writer.fetch(`/api/v3/notification-channels/${id}`, { method: "DELETE" })).status).toBe(
      422,
    );
    const replaced = await writer.send("PUT", `/api/v3/notification-routes/${route.id}`, {
      name: "none",
      channels: [id],
      enabled: false,
    });
    expect(await replaced.json()).toMatchObject({ name: "none", enabled: false });
    expect((await writer.fetch(`/api/v3/notification-routes/${route.id}`, { method: "DELETE" })).ok).toBe(
      true,
    );
    expect((await writer.fetch(`/api/v3/notification-channels/${id}`, { method: "DELETE" })).ok).toBe(true);
  });
});

describe("a rule that was removed", () => {
  const condition = { kind: "absence", series: { name: "up" }, forSeconds: 60 };
  const bodyOf = (name: string, dependsOn: string[] = []) => ({
    ...{ name, alertType: "host", severity: "HIGH", condition, dependsOn },
  });
  const RULES = "/api/v3/alert-rules";
  const make = async (body: object, query = "") => {
    const answer = await writer.send("POST", `${RULES}${query}`, body);
    return { status: answer.status, ...((await answer.json()) as { id: string; createdAt: string }) };
  };
  const remove = (id: string) => writer.fetch(`${RULES}/${id}`, { method: "DELETE" });

  test("comes back under its id, in its place, and others depend on it again", async () => {
    const host = await make(bodyOf("host"));
    const service = await make(bodyOf("service", [host.id]));
    await remove(service.id);
    await remove(host.id);
    const back = await make(bodyOf("host"), `?restores=${host.id}`);
    expect(back).toMatchObject({ status: 201, id: host.id, createdAt: host.createdAt });
    expect(await make(bodyOf("service", [host.id]), `?restores=${service.id}`)).toMatchObject({
      ...{ status: 201, id: service.id, dependsOn: [host.id] },
    });
    const auditor = await app.token(["audit:read"]);
    const { items } = (await (await auditor.get("/api/v3/audit?action=alert_rule.restore")).json()) as {
      items: { target: string }[];
    };
    expect(items.map(({ target }) => target)).toEqual(["service", "host"]);
  });

  test("is the only one whose id can be asked for: not one that is there, another kind's, or made up", async () => {
    const { id } = await make(bodyOf("still there"));
    expect((await make(bodyOf("other"), `?restores=${id}`)).status).toBe(404);
    expect((await make(bodyOf("other"), "?restores=made-up")).status).toBe(404);
    const made = await writer.send("POST", "/api/v3/notification-channels", {
      name: "gone",
      plugin: "slack",
    });
    const channel = (await made.json()) as { id: string };
    await writer.fetch(`/api/v3/notification-channels/${channel.id}`, { method: "DELETE" });
    expect((await make(bodyOf("other"), `?restores=${channel.id}`)).status).toBe(404);
    await remove(id);
    expect((await make(bodyOf("again"), `?restores=${id}`)).status).toBe(201);
    expect((await make(bodyOf("twice"), `?restores=${id}`)).status).toBe(404);
  });
});

describe("over GraphQL", () => {
  const ask = async (query: string, client = writer): Promise<unknown> =>
    (await client.send("POST", "/graphql", { query })).json();

  test('HIGH, "HIGH" and WARNING all parse; an unknown severity is refused', async () => {
    const mutation = (severity: string) =>
      ask(
        `mutation { triggerAlert(alertType: "g", severity: ${severity}, message: "${severity.replaceAll('"', "'")}") { success alertId } }`,
      );
    for (const severity of ["HIGH", '"HIGH"', "WARNING", "info"]) {
      expect(await mutation(severity)).toMatchObject({ data: { triggerAlert: { success: true } } });
    }
    expect(await mutation("URGENT")).toMatchObject({
      errors: [{ message: expect.stringContaining("Severity is one of") }],
    });
    expect(await ask("{ alerts(limit: 2, severity: MEDIUM) { severity type } }")).toMatchObject({
      data: { alerts: [{ severity: "MEDIUM", type: "g" }, { severity: "MEDIUM" }] },
    });
  });

  test("alerts are paged through, each once; a cursor of another list is refused", async () => {
    for (const name of ["one", "two", "three"]) {
      await ask(
        `mutation { triggerAlert(alertType: "paged", severity: LOW, message: "${name}") { success } }`,
      );
    }
    const messages: string[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? "" : `, cursor: "${cursor}"`;
      const { data } = (await ask(
        `{ alertPage(limit: 2, type: "paged"${after}) { items { message } nextCursor } }`,
      )) as { data: { alertPage: { items: { message: string }[]; nextCursor: string | null } } };
      messages.push(...data.alertPage.items.map(({ message }) => message));
      cursor = data.alertPage.nextCursor;
    } while (cursor !== null);
    expect(messages).toEqual(["three", "two", "one"]);
    for (const list of ["alertPage", "notifications"]) {
      expect(await ask(`{ ${list}(cursor: "none") { nextCursor } }`)).toMatchObject({
        errors: [{ extensions: { code: "invalid_cursor" } }],
      });
    }
  });

  test("a rule is previewed and made by its JSON", async () => {
    const rule = `{ name: "q", alertType: "q", severity: "LOW", condition: { kind: "threshold", series: { name: "x" }, direction: "above", value: 1 } }`;
    expect(await ask(`{ alertRulePreview(rule: ${rule}) { fired looked intervals { what } } }`)).toEqual({
      data: { alertRulePreview: { fired: 0, looked: 0, intervals: [] } },
    });
    expect(await ask(`mutation { createAlertRule(definition: ${rule}) { name } }`)).toEqual({
      data: { createAlertRule: { name: "q" } },
    });
    const wrong = rule.replace('"threshold"', '"treshold"');
    expect(await ask(`mutation { createAlertRule(definition: ${wrong}) { name } }`)).toMatchObject({
      errors: [{ message: expect.stringContaining("condition.kind: Expected one of threshold, absence") }],
    });
  });
});
