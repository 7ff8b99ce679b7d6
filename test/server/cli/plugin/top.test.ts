import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Plugin } from "../../../../server/plugins/model.ts";
import { fakePlugin } from "./fake-plugin.ts";

const MAIN = join(import.meta.dirname, "../../../../server/main.ts");
const ESCAPE = "\u001b";
const LEAVE = `${ESCAPE}[?25h${ESCAPE}[?1049l`;
const LIMIT_MS = 30_000;

/** The plugins' REST API, as far as `plugin top` asks for it. */
function fakeServer(plugins: Plugin[]) {
  const orders: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/api/v3/plugins/list") return Response.json({ items: plugins, nextCursor: null });
      const id = /^\/api\/v3\/plugins\/([^/]+)\/activation$/.exec(pathname)?.[1];
      const plugin = plugins.find((one) => one.id === id);
      if (!plugin || request.method !== "PUT") return new Response(null, { status: 404 });
      const { state } = (await request.json()) as { state: string };
      orders.push(`${state} ${id}`);
      const after: Partial<Plugin> =
        state === "pause"
          ? { state: "paused", verbs: ["resume", "stop"] }
          : state === "stop"
            ? { state: "inactive", verbs: ["start"] }
            : { state: "active", verbs: ["stop", "pause"] };
      return Response.json(Object.assign(plugin, after));
    },
  });
  return { orders, server };
}

/** A program on a pseudo-terminal; what it draws is looked at frame by frame. */
class Screen {
  #text = "";
  #heard = Promise.withResolvers<void>();
  readonly terminal: Bun.Terminal;
  readonly process: Bun.Subprocess;

  constructor(args: string[]) {
    this.terminal = new Bun.Terminal({
      cols: 80,
      rows: 24,
      data: (_, bytes) => {
        this.#text += new TextDecoder().decode(bytes);
        this.#heard.resolve();
        this.#heard = Promise.withResolvers();
      },
    });
    const env = { PATH: process.env.PATH ?? "", TERM: "xterm-256color", NO_COLOR: "1" };
    this.process = Bun.spawn([process.execPath, MAIN, ...args], { terminal: this.terminal, env });
  }

  get text(): string {
    return this.#text;
  }

  /** The lines of the last whole frame. */
  get lines(): string[] {
    const frame = this.#text.split(`${ESCAPE}[H`).at(-1) ?? "";
    return frame
      .split("\r\n")
      .map((line) => line.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, "g"), ""));
  }

  /** Waits for a frame in which it is so; the test's own limit ends it. */
  async until(isSo: (lines: string[]) => boolean): Promise<string[]> {
    while (!isSo(this.lines)) await this.#heard.promise;
    return this.lines;
  }

  /** Waits until the terminal is as it was: what a program wrote last may arrive after its end. */
  async restored(): Promise<void> {
    while (!this.#text.trimEnd().endsWith(LEAVE)) await this.#heard.promise;
  }

  press(keys: string): void {
    this.terminal.write(keys);
  }
}

const selected = (lines: string[]): string => lines.find((line) => line.startsWith("> ")) ?? "";

describe("plugin top, on a pseudo-terminal of 80 × 24", () => {
  test(
    "selects, pauses, resumes, stops, starts, and gives the terminal back",
    async () => {
      const { orders, server } = fakeServer([fakePlugin({ id: "alpha" }), fakePlugin({ id: "beta" })]);
      const screen = new Screen(["plugin", "top", "--url", server.url.href, "--token", "t"]);
      const first = await screen.until(
        (lines) => selected(lines).startsWith("> alpha") && lines.length === 24,
      );
      expect(first.filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);

      screen.press(`${ESCAPE}[B`);
      await screen.until((lines) => selected(lines).startsWith("> beta"));
      screen.press(" ");
      await screen.until(
        (lines) =>
          selected(lines).includes("paused") && lines.some((line) => line.includes("beta is paused.")),
      );
      screen.press("\r");
      await screen.until((lines) => selected(lines).includes("active"));
      screen.press(`${ESCAPE}[3~`);
      await screen.until((lines) => selected(lines).includes("inactive"));
      screen.press(" ");
      await screen.until((lines) =>
        lines.some((line) => line.includes("beta is inactive: there is nothing to pause.")),
      );
      screen.press("\r");
      await screen.until(
        (lines) => selected(lines).includes("active") && !selected(lines).includes("inactive"),
      );
      screen.press(`${ESCAPE}[A`);
      await screen.until((lines) => selected(lines).startsWith("> alpha"));
      screen.press("q");

      expect(await screen.process.exited).toBe(0);
      expect(orders).toEqual(["pause beta", "resume beta", "stop beta", "start beta"]);
      expect(screen.text).toContain(`${ESCAPE}[?1049h${ESCAPE}[?25l`);
      await screen.restored();
      await server.stop(true);
    },
    LIMIT_MS,
  );

  test(
    "says how a disabled plugin is let run",
    async () => {
      const off = { id: "off", enabled: false, state: "inactive" as const, verbs: ["enable" as const] };
      const { orders, server } = fakeServer([fakePlugin(off)]);
      const screen = new Screen(["plugin", "top", "--url", server.url.href, "--token", "t"]);
      await screen.until((lines) => selected(lines).startsWith("> off"));
      screen.press("\r");
      await screen.until((lines) =>
        lines.some((line) => line.includes("off is disabled; to let it run: binnacle plugin enable off")),
      );
      screen.press("q");
      expect([await screen.process.exited, orders]).toEqual([0, []]);
      await server.stop(true);
    },
    LIMIT_MS,
  );

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "gives the terminal back at %s",
    async (signal) => {
      const { server } = fakeServer([fakePlugin({ id: "alpha" })]);
      const screen = new Screen(["plugin", "top", "--url", server.url.href, "--token", "t"]);
      await screen.until((lines) => selected(lines).startsWith("> alpha"));
      screen.process.kill(signal);
      await screen.process.exited;
      await screen.restored();
      await server.stop(true);
    },
    LIMIT_MS,
  );

  test(
    "goes on when the server goes away, and says so",
    async () => {
      const { server } = fakeServer([fakePlugin({ id: "alpha" })]);
      const screen = new Screen(["plugin", "top", "--url", server.url.href, "--token", "t"]);
      await screen.until((lines) => selected(lines).startsWith("> alpha"));
      await server.stop(true);
      await screen.until((lines) => lines.some((line) => line.startsWith("Cannot reach Binnacle")));
      screen.press("q");
      expect(await screen.process.exited).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    "a refusal at the start is one line on the ordinary screen",
    async () => {
      const screen = new Screen(["plugin", "top", "--url", "http://127.0.0.1:1"]);
      expect(await screen.process.exited).toBe(1);
      await screen.until(() => screen.text.includes("binnacle: Cannot reach Binnacle at http://127.0.0.1:1"));
      expect(screen.text).not.toContain(`${ESCAPE}[?1049h`);
    },
    LIMIT_MS,
  );

  test("without a terminal it says what to use", async () => {
    const run = Bun.spawnSync([process.execPath, MAIN, "plugin", "top"], { stdin: "ignore" });
    expect(run.exitCode).toBe(1);
    expect(run.stderr.toString()).toBe("binnacle: plugin top needs a terminal; use plugin list.\n");
  });
});
