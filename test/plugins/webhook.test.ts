import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { certificateFor, rawServer } from "../server/outbound/local-servers.ts";
import { ALERT, ANSWERS, FakeService, LIMIT_MS, sent } from "./channel-trial.ts";

const receiver = new FakeService();
const config = { url: `${receiver.url}/hook?a=1` };
const SECRET_BYTES = Buffer.from("0123456789abcdef01234567");
afterAll(() => receiver[Symbol.asyncDispose]());
beforeEach(() => {
  receiver.answer = () => new Response(null, { status: 204 });
});

describe("the webhook", () => {
  test(
    "is the whole alert, signed over id, time and body; the id is the alert's",
    async () => {
      const secret = `whsec_${SECRET_BYTES.toString("base64")}`;
      const headers = { "X-Team": "ops", "Webhook-Id": "forged", "Content-Type": "text/html" };
      const { result, error, denials } = await sent("webhook", {
        ...config,
        ...{ secret, headers, authorization: "Bearer t" },
      });
      expect({ result, error, denials }).toEqual({
        ...{ result: { answer: "The webhook answered 204" }, error: null, denials: [] },
      });
      const { method, path, body, text, headers: got } = receiver.last;
      expect({ method, path, body }).toEqual({
        method: "POST",
        path: "/hook?a=1",
        body: { ...ALERT, alerts: [] },
      });
      expect(got.get("webhook-id")).toBe(ALERT.id);
      expect([got.get("x-team"), got.get("authorization"), got.get("content-type")]).toEqual([
        ...["ops", "Bearer t", "application/json"],
      ]);
      const timestamp = got.get("webhook-timestamp") ?? "";
      expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(60);
      const expected = createHmac("sha256", SECRET_BYTES).update(`${ALERT.id}.${timestamp}.${text}`);
      expect(got.get("webhook-signature")).toBe(`v1,${expected.digest("base64")}`);
    },
    LIMIT_MS,
  );

  test(
    "takes a body of its own: texts are filled in, and whatever an alert says, it stays the same JSON",
    async () => {
      const body = {
        summary: "{{ severity }}: {{title}}",
        details: [{ host: "{{labels.host}}{{labels.none}}", n: 5, text: "{{message}}" }],
      };
      const hostile = { ...ALERT, message: 'x", "n": 6, "y": "{{title}}' };
      await sent("webhook", { ...config, method: "PUT", body }, hostile);
      expect(receiver.last).toMatchObject({
        method: "PUT",
        body: {
          summary: "HIGH: [HIGH] disk_full: 2 firing",
          details: [{ host: "db1", n: 5, text: hostile.message }],
        },
      });
      expect(receiver.last.headers.get("webhook-signature")).toBeNull();
    },
    LIMIT_MS,
  );

  test(
    "a body with an unknown name is reported, and the whole alert is sent instead",
    async () => {
      const report = await sent("webhook", { ...config, body: { text: "{{severty}}" } });
      expect(report.error).toBeNull();
      expect(receiver.last.body).toMatchObject({ id: ALERT.id, severity: "HIGH" });
      expect(report.log).toMatchObject([
        { level: "warning", fields: { problem: expect.stringContaining("{{severty}} is unknown") } },
      ]);
    },
    LIMIT_MS,
  );

  test.each(ANSWERS)(
    "%s: what was answered is told, and final or not",
    async (_what, answer, outcome) => {
      receiver.answer = answer;
      const { result, error } = await sent("webhook", config);
      expect(error).toBeNull();
      const isFinal = Object.keys(outcome).length === 0;
      const words = expect.stringContaining("The webhook answered");
      expect(result).toEqual(isFinal ? { rejected: words } : { ...outcome, reason: words });
      expect(JSON.stringify(result).length).toBeLessThan(500);
    },
    LIMIT_MS,
  );

  test(
    "a receiver that closes mid-way, or whose certificate nobody vouches for, is an error: it is tried again",
    async () => {
      const cutting = await rawServer((socket) => socket.once("data", () => socket.destroy()));
      const selfSigned = await rawServer((socket) => socket.resume(), await certificateFor("localhost"));
      try {
        const cut = await sent("webhook", { url: `http://127.0.0.1:${cutting.port}/` });
        const untrusted = await sent("webhook", { url: `https://localhost:${selfSigned.port}/` });
        expect([cut.error?.code, untrusted.error?.code]).toEqual([
          "plugin_execution_failed",
          "plugin_execution_failed",
        ]);
        expect(untrusted.error?.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
      } finally {
        cutting.close();
        selfSigned.close();
      }
    },
    LIMIT_MS,
  );

  test(
    "a secret that is no Base64 is said so",
    async () => {
      expect((await sent("webhook", { ...config, secret: "whsec_***" })).result).toEqual({
        rejected: "The signing secret of the webhook begins with whsec_ and is no Base64.",
      });
    },
    LIMIT_MS,
  );
});
