import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { ALERT, FakeService, LIMIT_MS, RESOLVED, sent } from "./channel-trial.ts";

const ntfy = new FakeService();
const config = { server: ntfy.url, topic: "ops_alerts-1" };
afterAll(() => ntfy[Symbol.asyncDispose]());
beforeEach(() => {
  ntfy.answer = () => Response.json({ id: "abc", event: "message" });
});

describe("ntfy", () => {
  test(
    "gets topic, title, message, priority, tags and what a click opens",
    async () => {
      const { error, denials } = await sent("ntfy", { ...config, token: "tk_secret" });
      expect({ error, denials }).toEqual({ error: null, denials: [] });
      expect(ntfy.last).toMatchObject({ method: "POST", path: "/" });
      expect(ntfy.last.headers.get("authorization")).toBe("Bearer tk_secret");
      expect(ntfy.last.body).toEqual({
        topic: "ops_alerts-1",
        title: "[HIGH] disk_full: 2 firing",
        message: `${ALERT.message}\n\nHIGH · 2 alerts · route ops · 2030-01-31T22:00:00.000Z`,
        priority: 4,
        tags: ["rotating_light", "HIGH", "firing"],
        click: "https://binnacle.example/alerts",
      });
    },
    LIMIT_MS,
  );

  test(
    "the priority follows the severity, and what is over is calm; a user name and password are Basic",
    async () => {
      const priorities: unknown[] = [];
      for (const alert of [
        { ...ALERT, severity: "LOW" },
        { ...ALERT, severity: "MEDIUM" },
        { ...ALERT, severity: "CRITICAL" },
        { ...RESOLVED, severity: "CRITICAL" },
      ]) {
        await sent("ntfy", { ...config, username: "öps", password: "p:w" }, alert);
        priorities.push(ntfy.last.body.priority);
      }
      expect(priorities).toEqual([2, 3, 5, 2]);
      const authorization = ntfy.last.headers.get("authorization") ?? "";
      expect(Buffer.from(authorization.replace("Basic ", ""), "base64").toString()).toBe("öps:p:w");
    },
    LIMIT_MS,
  );

  test(
    "the longest message is at most 4,000 bytes, beyond which it would be a file",
    async () => {
      await sent("ntfy", config, { ...ALERT, title: "ü".repeat(400), message: "🔥ü".repeat(4_000) });
      const { title, message } = ntfy.last.body as { title: string; message: string };
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_000);
      expect(Buffer.byteLength(title)).toBeLessThanOrEqual(250);
      expect(message.isWellFormed() && title.isWellFormed()).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    "403 is final, a name that is no topic is sent nowhere",
    async () => {
      ntfy.answer = () => Response.json({ code: 40_301, http: 403, error: "forbidden" }, { status: 403 });
      expect((await sent("ntfy", config)).result).toEqual({
        rejected: 'ntfy answered 403: {"code":40301,"http":403,"error":"forbidden"}',
      });
      expect((await sent("ntfy", { ...config, topic: "a/b" })).result).toMatchObject({
        rejected: expect.stringContaining("Enter a topic"),
      });
    },
    LIMIT_MS,
  );
});
