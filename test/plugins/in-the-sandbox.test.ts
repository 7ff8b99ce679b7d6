import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readPlugin } from "../../server/cli/plugin/read-plugin.ts";
import { type TrialReport, tryPlugin } from "../../server/cli/plugin/trial.ts";
import { ensureChromium } from "../support/chromium.ts";

const PLUGINS = join(import.meta.dirname, "../../plugins");
const LIMIT_MS = 60_000;
const FORM = '<form method="post"><input id="mail" name="mail"><button id="send">Go</button></form>';

let server: ReturnType<typeof Bun.serve>;
const sent: string[] = [];

beforeAll(async () => {
  await ensureChromium();
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const html = { headers: { "content-type": "text/html" } };
      if (request.method !== "POST") return new Response(FORM, html);
      sent.push(await request.text());
      return new Response("<p id=thanks>Thank you</p>", html);
    },
  });
}, LIMIT_MS);
afterAll(() => server.stop(true));

const tried = (id: string, input: unknown, config: Record<string, unknown> = {}): Promise<TrialReport> =>
  tryPlugin({
    path: join(PLUGINS, id),
    input,
    config,
    secrets: {},
    grantsPermissions: true,
    isSandboxRequired: false,
    signal: new AbortController().signal,
  });

describe("the plugins that ship", () => {
  test("are valid, each with a name, a description, and a reason for what it asks", async () => {
    const ids = readdirSync(PLUGINS).filter((name) => name !== "sdk");
    expect(ids.length).toBeGreaterThanOrEqual(5);
    for (const id of ids) {
      const { manifest, permissions } = await readPlugin(join(PLUGINS, id));
      expect(manifest).toMatchObject({ id, name: expect.any(String), description: expect.any(String) });
      const reasons = Object.values(permissions).flatMap((grants: readonly { why: string }[]) =>
        grants.map(({ why }) => why),
      );
      expect(reasons.filter((why) => why.length < 10)).toEqual([]);
    }
  });
});

describe("in the real sandbox", () => {
  test(
    "text-processing, validation and task-template compute without any right",
    async () => {
      const text = await tried("text-processing", { operation: "sha256", text: "abc" });
      expect(text).toMatchObject({
        error: null,
        denials: [],
        result: { result: expect.stringMatching(/^ba7816bf/) },
      });
      const valid = await tried("validation", { value: "DE89 3704 0044 0532 0130 00", format: "iban" });
      expect(valid).toMatchObject({ error: null, denials: [], result: { isValid: true } });
      const task = await tried("task-template", { values: [1, 2, 6] });
      expect(task).toMatchObject({
        error: null,
        denials: [],
        result: { mean: 3, runs: 1 },
        health: { status: "healthy" },
      });
      expect(task.metrics.map(({ value }) => value).sort()).toEqual([1, 3]);
    },
    LIMIT_MS,
  );

  test(
    "http-check asks the addresses of its configuration through the broker",
    async () => {
      const urls = [`http://127.0.0.1:${server.port}/`, "http://127.0.0.1:1/"];
      const report = await tried("http-check", { metrics: {} }, { urls });
      expect(report).toMatchObject({ error: null, denials: [] });
      expect(report.result).toMatchObject([
        { name: "up", value: 1, labels: { url: urls[0] } },
        { name: "latency", unit: "seconds" },
        { name: "up", value: 0, labels: { url: urls[1] } },
      ]);
    },
    LIMIT_MS,
  );

  test(
    "form-check drives a real browser through the broker, and no other host",
    async () => {
      const host = `127.0.0.1:${server.port}`;
      const check = {
        url: `http://${host}/`,
        fields: [{ selector: "#mail", value: "{{email}}" }],
        submit: "#send",
        expect: { selector: "#thanks" },
        rows: { identities: 2 },
      };
      const report = await tried("form-check", check, { hosts: [host] });
      expect(report).toMatchObject({ error: null, denials: [], result: { passed: 2, failed: 0 } });
      expect(sent.map((body) => /^mail=[a-z.0-9]+%40example\.(?:com|net|org)$/.test(body))).toEqual([
        true,
        true,
      ]);
      const elsewhere = await tried(
        "form-check",
        { ...check, url: "http://elsewhere.example/" },
        { hosts: [host] },
      );
      expect(elsewhere.error?.message).toContain(
        "elsewhere.example is not among the hosts of the configuration",
      );
    },
    LIMIT_MS,
  );
});
