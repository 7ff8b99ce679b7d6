import { afterAll, expect, spyOn, test } from "bun:test";
import { run } from "../../../../server/cli/program.ts";
import { fakePlugin } from "./fake-plugin.ts";

const WAITING = fakePlugin({
  ...{ id: "mailer", enabled: false, state: "inactive", level: null, pid: null },
  block: { code: "awaiting_approval", message: "Version 2 has other files than 1." },
});
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request) =>
    Response.json(
      request.method === "GET" ? { items: [fakePlugin({ id: "runs" }), WAITING], nextCursor: null } : WAITING,
    ),
});
afterAll(() => server.stop(true));

/** What a command of `plugin` writes. */
async function said(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const out = spyOn(console, "log").mockImplementation((text) => void lines.push(String(text)));
  try {
    await run(["plugin", ...args, "--url", server.url.href, "--token", "t"]);
  } finally {
    out.mockRestore();
  }
  return lines.join("\n");
}

test("the list says how strongly the kernel holds each that runs", async () => {
  const [head, runs, rests] = (await said("list")).split("\n");
  expect(head?.trim().split(/\s+/).slice(-3)).toEqual(["SANDBOX", "ORIGIN", "NOTE"]);
  expect(runs?.trim().split(/\s+/).slice(-2)).toEqual(["full", "folder"]);
  expect(rests).toMatch(/ – +folder /);
});

test("one that was disabled is not said to have to run", async () => {
  expect(await said("disable", "mailer")).toBe("mailer is disabled.");
});
