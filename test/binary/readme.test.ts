import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { TickFeed } from "../support/tick-feed.ts";

/** So many samplings may pass until the answer holds all that is printed. */
const MOST_TICKS = 10;
const README = join(import.meta.dirname, "../../README.md");

/** The text of the first fenced block in that language. */
async function blockIn(language: string): Promise<string> {
  const text = await Bun.file(README).text();
  const block = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (block === undefined) throw new Error(`README.md has no block in ${language}.`);
  return block;
}

/** The same value with each leaf replaced by its type, and lists by their first item. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [shapeOf(value[0])];
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, shapeOf(child)]));
}

describe("README", () => {
  test("its commands make a token, and its query gives an answer like the printed one", async () => {
    using workspace = new Workspace();
    const here = { cwd: workspace.path, env: { BINNACLE_DATA: "data" } };
    await runBinary(["user", "add", "ann", "--role", "admin", "--password-file", "-"], {
      ...here,
      stdin: "correct horse battery staple",
    });
    const [, line = ""] = /^binnacle (token create .+)$/m.exec(await Bun.file(README).text()) ?? [];
    const made = await runBinary([...line.split(" "), "--json"], here);
    const { token } = JSON.parse(made.stdout) as { token: string };
    await using server = await RunningBinary.start(workspace.path, {
      env: { BINNACLE_METRICS__INTERVAL_SECONDS: "1" },
    });
    const expected = shapeOf(JSON.parse(await blockIn("json")));
    const query = await blockIn("graphql");
    const ask = async (): Promise<unknown> => {
      const response = await fetch(`${server.address}/graphql`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ query }),
      });
      return shapeOf(await response.json());
    };
    // The first samples are stored a moment after the start.
    using ticks = await TickFeed.open(server.address, token);
    for (let seen = 0; seen < MOST_TICKS && !Bun.deepEquals(await ask(), expected); seen++)
      await ticks.next();
    expect(await ask()).toEqual(expected);
  }, 30_000);
});
