import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { BrowserSession, PluginContext } from "binnacle";
import type { Run } from "../../plugins/form-check/history.ts";
import { identityOf } from "../../plugins/form-check/identity.ts";
import formCheck from "../../plugins/form-check/index.ts";
import { rowsOf } from "../../plugins/form-check/rows.ts";
import { systemClock } from "../../server/lib/clock.ts";
import { Outbound } from "../../server/outbound/outbound.ts";
import { PluginBrowsers } from "../../server/plugins/broker/browser/browsers.ts";
import { findDisplay } from "../../server/plugins/broker/browser/display.ts";
import { ensureChromium } from "../support/chromium.ts";
import { VirtualDisplay } from "../support/virtual-display.ts";
import { contextFor } from "./plugin-context.ts";

const LIMIT_MS = 60_000;
const PAGE = `<!doctype html><title>Sign up</title>
<div id="banner" style="position:fixed;inset:0;background:#fff"><button id="agree" onclick="banner.remove()">Agree</button></div>
<form method="post" action="/done">
  <input name="mail" id="mail" value="old" oninput="seen.textContent += 'i'"><textarea name="note" id="note"></textarea>
  <select name="kind" id="kind"><option value="">-</option><option value="b">Business</option></select>
  <label><input type="checkbox" name="terms" id="terms">Terms</label>
  <p id="seen"></p><div style="height:1500px"></div><button id="send">Send</button>
</form>`;

let server: ReturnType<typeof Bun.serve>;
const received: Record<string, string>[] = [];

beforeAll(async () => {
  await ensureChromium();
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const html = { headers: { "content-type": "text/html" } };
      if (request.method !== "POST") return new Response(PAGE, html);
      received.push(Object.fromEntries(new URLSearchParams(await request.text())));
      return new Response("<p id=thanks>Thank you</p>", html);
    },
  });
}, LIMIT_MS);
afterAll(() => server.stop(true));

/** `ctx.browser` as the broker gives it: a real browser behind its proxy. */
function browserOf(
  hosts: readonly string[],
  environment: Record<string, string> = {},
): {
  browser: PluginContext["browser"];
  close: () => Promise<void>;
} {
  const signal = new AbortController().signal;
  const browsers = new PluginBrowsers({
    clock: systemClock,
    outbound: new Outbound({ clock: systemClock }),
    reach: { hosts },
    display: () => findDisplay(environment),
    onDenied: () => undefined,
  });
  const open = async (options: object = {}): Promise<BrowserSession> => {
    const { session } = (await browsers.serve("browser.open", options, signal)) as { session: string };
    const close = async (): Promise<void> =>
      void (await browsers.serve("browser.close", { session }, signal));
    return {
      command: async <Result>(method: string, params: Record<string, unknown> = {}) =>
        (await browsers.serve("browser.command", { session, method, params }, signal)) as Result,
      close,
      [Symbol.asyncDispose]: close,
    };
  };
  return { browser: { open }, close: () => browsers.close() };
}

const fields = [
  { selector: "#mail", value: "{{email}}" },
  { selector: "#note", value: "I am {{name}}" },
  { selector: "#kind", value: "Business" },
  { selector: "#terms", value: "true" },
];

describe("form-check, with a real browser", () => {
  test(
    "goes through the form with a generated identity, past the cookie banner, and keeps the run with its picture",
    async () => {
      const host = `127.0.0.1:${server.port}`;
      const { browser, close } = browserOf([host]);
      const ctx = contextFor<never>({ config: { hosts: [host], keepRuns: 2 }, browser });
      const check = {
        url: `http://${host}/`,
        fields,
        cookieBanner: "#agree",
        submit: "#send",
        expect: { selector: "#thanks", text: "Thank you", urlContains: "/done" },
        rows: { identities: 1, seed: 7 },
      };
      const outcome = (await formCheck.execute(check, ctx)) as {
        passed: number;
        failed: number;
        runs: Run[];
      };
      expect(outcome.runs.map(({ problem }) => problem)).toEqual([""]);
      expect(outcome).toMatchObject({ passed: 1, failed: 0 });
      const { email, name } = identityOf(7, 0);
      expect(received).toEqual([{ mail: email, note: `I am ${name}`, kind: "b", terms: "on" }]);

      const failing = { url: `http://${host}/`, fields: [{ selector: "#absent", value: "x" }], waitMs: 200 };
      expect(await formCheck.execute(failing, ctx)).toMatchObject({
        failed: 1,
        runs: [{ outcome: "failed", problem: "#absent does not appear within 200 ms.", hasScreenshot: true }],
      });
      expect(await formCheck.health?.(ctx)).toMatchObject({ status: "degraded" });
      const history = (await formCheck.execute({ show: "history" }, ctx)) as Run[];
      expect(history.map((run) => run.outcome)).toEqual(["failed", "passed"]);
      const shot = (await formCheck.execute({ show: "screenshot", run: history[1]?.id ?? "" }, ctx)) as {
        jpegBase64: string;
      };
      expect(Buffer.from(shot.jpegBase64, "base64").subarray(0, 3).toString("hex")).toBe("ffd8ff");
      await close();
    },
    LIMIT_MS,
  );

  test(
    "is visible where the server has a display, and says so where it has none",
    async () => {
      await using display = await VirtualDisplay.open();
      const host = `127.0.0.1:${server.port}`;
      const check = { url: `http://${host}/`, expect: { selector: "#mail" }, visible: true };
      const config = { hosts: [host], keepRuns: 2 };
      const seen = browserOf([host], display.environment);
      expect(
        await formCheck.execute(check, contextFor<never>({ config, browser: seen.browser })),
      ).toMatchObject({ passed: 1, failed: 0 });
      const unseen = browserOf([host]);
      expect(
        formCheck.execute(check, contextFor<never>({ config, browser: unseen.browser })),
      ).rejects.toThrow("There is no display for a visible browser");
      await Promise.all([seen.close(), unseen.close()]);
    },
    LIMIT_MS,
  );

  test("refuses other hosts before a browser is opened, and says what is wrong with a check", async () => {
    const ctx = contextFor<never>({ config: { hosts: ["www.example.com", "b.example:8080"] } });
    const run = (input: object) => formCheck.execute(input as never, ctx);
    for (const url of [
      "http://other.example/",
      "http://www.example.com:81/",
      "http://b.example/",
      "https://www.example.com.evil.example/",
    ]) {
      expect(run({ url })).rejects.toThrow(
        "is not among the hosts of the configuration: www.example.com, b.example:8080.",
      );
    }
    expect(run({ url: "file:///etc/passwd" })).rejects.toThrow('"url" is an http or https address.');
    expect(run({ url: "https://www.example.com/", fields: [{ selector: "", value: "" }] })).rejects.toThrow(
      "fields.0.selector",
    );
    expect(run({ url: "https://www.example.com/", visible: "yes" })).rejects.toThrow(
      '"visible" is true or false.',
    );
    expect(run({ url: "https://www.example.com/", rows: { identities: 101 } })).rejects.toThrow(
      "from 0 to 100",
    );
    expect(run({ url: "https://www.example.com/", rows: { file: "../x.csv" } })).rejects.toThrow(
      "No folder of files is set",
    );
  });
});

describe("rows", () => {
  test("come from CSV and JSON", () => {
    expect(rowsOf('\uFEFFname,note\r\n"Lee, Ann","say ""hi""\nnow"\r\nBob,\r\n', "a.csv")).toEqual([
      { name: "Lee, Ann", note: 'say "hi"\nnow' },
      { name: "Bob", note: "" },
    ]);
    expect(rowsOf('[{"a":1,"b":"x"}]', "a.json")).toEqual([{ a: "1", b: "x" }]);
    expect(() => rowsOf("a,b\n1", "a.csv")).toThrow("Row 1 has 1 fields, the heading 2.");
    expect(() => rowsOf('a\n"x', "a.csv")).toThrow("does not end");
    expect(() => rowsOf("{}", "a.json")).toThrow("a list of objects");
  });

  test("identities are the same for the same seed, and reach nobody", () => {
    expect(identityOf(1, 5)).toEqual(identityOf(1, 5));
    const people = Array.from({ length: 100 }, (_, index) => identityOf(1, index));
    expect(new Set(people.map(({ email }) => email)).size).toBeGreaterThan(95);
    expect(people.filter(({ email }) => !/@example\.(com|net|org)$/.test(email))).toEqual([]);
    expect(people.filter(({ phone }) => !/^\+1 202 555 01\d\d$/.test(phone))).toEqual([]);
  });
});
