import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { runBinary, Workspace } from "../support/binary.ts";
import { ensureChromium } from "../support/chromium.ts";

const FORM_CHECK = join(import.meta.dirname, "../../plugins/form-check");
const LIMIT_MS = 60_000;

describe("plugin test, with the compiled file", () => {
  let server: ReturnType<typeof Bun.serve>;

  beforeAll(async () => {
    await ensureChromium();
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("<p id=here>Here</p>", { headers: { "content-type": "text/html" } }),
    });
  }, LIMIT_MS);
  afterAll(() => server.stop(true));

  test(
    "makes a plugin and runs it in the sandbox",
    async () => {
      using workspace = new Workspace();
      const at = { cwd: workspace.path };
      expect((await runBinary(["plugin", "new", "--type", "task", "words"], at)).exitCode).toBe(0);
      const { stdout, stderr } = await runBinary(
        ["plugin", "test", "words", "--best-effort", "--input", '{"text":"a b"}', "--json"],
        at,
      );
      expect([stderr, JSON.parse(stdout)]).toMatchObject([
        "",
        { error: null, result: { words: 2, texts: 1 } },
      ]);
    },
    LIMIT_MS,
  );

  test(
    "drives a browser: launcher, proxy and plugin host are in the one file",
    async () => {
      using workspace = new Workspace();
      const host = `127.0.0.1:${server.port}`;
      const input = JSON.stringify({ url: `http://${host}/`, expect: { selector: "#here" } });
      const config = JSON.stringify({ hosts: [host] });
      const { stdout } = await runBinary(
        ["plugin", "test", FORM_CHECK, "--best-effort", "--input", input, "--config", config, "--json"],
        { cwd: workspace.path },
      );
      expect(JSON.parse(stdout)).toMatchObject({
        error: null,
        denials: [],
        result: { passed: 1, failed: 0 },
      });
    },
    LIMIT_MS,
  );
});
