import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import { run } from "../../../server/cli/program.ts";
import { type RunningApp, startApp } from "../../support/start-app.ts";

const MAIN = join(import.meta.dirname, "../../../server/main.ts");
const TAIL_LIMIT_MS = 20_000;

let app: RunningApp;
let way: string[];
beforeAll(async () => {
  app = await startApp({ withJobs: true });
  const admin = await app.token(["*"]);
  way = ["--url", app.address, "--token", admin.headers.authorization?.slice("Bearer ".length) ?? ""];
});
afterAll(() => app[Symbol.asyncDispose]());

/** What a command that must succeed writes. */
async function said(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const spy = spyOn(console, "log").mockImplementation((text) => void lines.push(String(text)));
  try {
    expect(await run([...args, ...way])).toBe(0);
  } finally {
    spy.mockRestore();
  }
  return lines.join("\n");
}

describe("binnacle event", () => {
  test("publishes what a script says, and lists it among what happened", async () => {
    expect(await said("event", "publish", "download.done", "--payload", '{"file":"a"}')).toMatch(
      /^Published download\.done as number \d+\.$/,
    );
    const table = await said("event", "list", "--types", "download.*");
    expect(table).toContain('{"file":"a"}');
    expect(table).not.toContain("server.started");
    const rows = JSON.parse(await said("event", "list", "--limit", "1", "--json"));
    expect(rows).toHaveLength(1);
  });

  test(
    "tail shows events as they happen, and none of them can steer the terminal",
    async () => {
      await said("event", "publish", "tail.me", "--payload", '"\u009b2J"');
      const since = ["--since", "0"];
      const child = Bun.spawn(
        [process.execPath, MAIN, "event", "tail", "--types", "tail.*", ...since, ...way],
        {
          stdin: "ignore",
          stdout: "pipe",
          stderr: "pipe",
        },
      );
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const read = async (): Promise<string> => (await lines.read()).value ?? "";
      const text = await read();
      await said("event", "publish", "tail.again");
      expect(await read()).toContain("tail.again");
      child.kill();
      await child.exited;
      expect(text).toContain('"�2J"');
    },
    TAIL_LIMIT_MS,
  );
});

describe("binnacle delivery", () => {
  test("shows what could not be delivered, tries it anew, forgets it", async () => {
    const { outbox, databases } = app.parts;
    outbox.register({
      kind: "letter",
      deliver: async () => ({ outcome: "rejected", reason: "nobody lives there" }),
    });
    await databases.state.write((tx) =>
      outbox.enqueue(tx, { kind: "letter", target: "ada", payload: "hidden" }),
    );
    const dead = async () => JSON.parse(await said("delivery", "list", "--state", "dead", "--json"));
    let rows = await dead();
    while (rows.length === 0) rows = await dead();
    const [{ id }] = rows;
    const table = await said("delivery", "list", "--kind", "letter");
    expect(table).toContain("nobody lives there");
    expect(table).not.toContain("hidden");
    expect(await said("delivery", "retry", id)).toBe(`${id} is tried anew.`);
    while ((await dead()).length === 0);
    expect(await said("delivery", "discard", id)).toBe(`${id} is forgotten.`);
    expect(await dead()).toEqual([]);
  });
});
