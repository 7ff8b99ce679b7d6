import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import { run } from "../../../server/cli/program.ts";
import type { NewLine } from "../../../server/logs/line.ts";
import { type RunningApp, startApp } from "../../support/start-app.ts";

const MAIN = join(import.meta.dirname, "../../../server/main.ts");
const FOLLOW_LIMIT_MS = 20_000;
const AT = Date.UTC(2030, 0, 1);

let app: RunningApp;
let way: string[];
const line = (message: string, rest: Partial<NewLine> = {}): NewLine => ({
  at: AT,
  level: "info",
  source: "shop",
  message,
  ...rest,
});
const append = async (...lines: NewLine[]): Promise<void> => app.parts.logSystem?.store.append(lines);

beforeAll(async () => {
  app = await startApp();
  const reader = await app.token(["logs:read"]);
  way = ["--url", app.address, "--token", reader.headers.authorization?.slice("Bearer ".length) ?? ""];
  await append(
    line("order placed", { fields: { user: "ann" } }),
    line("db connection reset", { level: "error" }),
    line("boom\n  at pay", { level: "error", source: "pay" }),
  );
});
afterAll(() => app[Symbol.asyncDispose]());

/** What a command writes, and its exit code. */
async function said(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const out = spyOn(console, "log").mockImplementation((text) => void lines.push(String(text)));
  const errors = spyOn(console, "error").mockImplementation((text) => void lines.push(String(text)));
  try {
    return { code: await run([...args, ...way]), text: lines.join("\n") };
  } finally {
    out.mockRestore();
    errors.mockRestore();
  }
}

describe("binnacle logs", () => {
  test("searches words, phrases and fields, the latest last; finding nothing is no failure", async () => {
    expect(await said("logs", "search", '"connection reset"')).toEqual({
      code: 0,
      text: "2030-01-01T00:00:00.000Z  error    shop  db connection reset",
    });
    expect((await said("logs", "search", "user=ann -db", "placed")).text).toContain("order placed  user=ann");
    expect((await said("logs", "search", "o*", "--level", "error", "--until", "2029-01-01")).text).toBe("");
    const asJson = await said("logs", "search", "boom", "--json");
    expect(JSON.parse(asJson.text)).toMatchObject({
      source: "pay",
      level: "error",
      message: "boom\n  at pay",
    });
  });

  test("shows what a stack trace has beyond its first line below it", async () => {
    const { text } = await said("logs", "tail", "--source", "pay");
    expect(text.split("\n")[1]?.trim()).toBe("at pay");
  });

  test("fails with 1 and the reason where the server refuses, with 2 where it is called wrongly", async () => {
    const refused = await said("logs", "tail", "--grep", "x".repeat(501));
    expect(refused.code).toBe(1);
    expect(refused.text).toContain("500");
    expect((await said("logs", "tail", "--since", "soon")).code).toBe(1);
    expect((await said("logs", "tail", "--follow", "--source", "x".repeat(101))).code).toBe(1);
  });

  test(
    "follows over the live socket: the newest first, then what passes the filter as it comes, each once",
    async () => {
      const args = ["logs", "tail", "--follow", "--source", "shop", "--level", "error", "--json", ...way];
      const tail = Bun.spawn([process.execPath, MAIN, ...args], { stdout: "pipe", stderr: "pipe" });
      const seen: string[] = [];
      let buffered = "";
      for await (const part of tail.stdout.pipeThrough(new TextDecoderStream())) {
        buffered += part;
        const rows = buffered.split("\n");
        buffered = rows.pop() ?? "";
        seen.push(...rows.map((row) => (JSON.parse(row) as { message: string }).message));
        if (seen.length === 1)
          await append(line("quiet"), line("late", { level: "error" }), line("x", { source: "pay" }));
        if (seen.length === 2) break;
      }
      tail.kill("SIGINT");
      await tail.exited;
      expect(seen).toEqual(["db connection reset", "late"]);
    },
    FOLLOW_LIMIT_MS,
  );
});
