import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TEMPLATES } from "../../server/cli/plugin/templates.ts";
import { TempFolder } from "../support/temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");
const MAIN = join(ROOT, "server/main.ts");
const GUIDE = await Bun.file(join(ROOT, "docs/plugins.md")).text();
const LIMIT_MS = 120_000;
/** What stands in the guide for the reader's own address. */
const SAMPLE_ORIGIN = "https://hooks.example.com";

interface Step {
  command: string;
  fails: boolean;
}

/** Every command of the guide, in order. */
const STEPS: Step[] = [...GUIDE.matchAll(/```sh( fails)?\n([\s\S]*?)```/g)].flatMap(([, fails, block = ""]) =>
  block
    .trim()
    .split("\n")
    .map((command) => ({ command, fails: fails !== undefined })),
);

describe("docs/plugins.md", () => {
  let folder: TempFolder;
  let server: Bun.Subprocess;
  let receiver: ReturnType<typeof Bun.serve>;
  const received: unknown[] = [];

  beforeAll(async () => {
    folder = new TempFolder();
    receiver = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      async fetch(request) {
        if (request.method === "POST") received.push(await request.json());
        return new Response("ok");
      },
    });
    server = Bun.spawn([process.execPath, MAIN, "serve", "--port", "0"], {
      cwd: folder.path,
      env: environment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    await until(server, () => existsSync(folder.file("data/control.sock")));
  }, LIMIT_MS);

  afterAll(async () => {
    server.kill();
    await server.exited;
    await receiver.stop(true);
    folder[Symbol.dispose]();
  }, LIMIT_MS);

  const environment = () => ({ PATH: process.env.PATH ?? "", BINNACLE_DATA: folder.file("data") });

  /** Runs a command of the guide as its reader does, with an address of the test in place of the sample. */
  async function run({ command }: Step): Promise<{ exitCode: number; output: string }> {
    const own = command.replaceAll(SAMPLE_ORIGIN, `http://127.0.0.1:${receiver.port}`);
    const line = own.replace(/^binnacle plugin approve .*$/, "$& --yes");
    const shell = line.replace(/^binnacle /, `"${process.execPath}" "${MAIN}" `);
    const child = Bun.spawn(["sh", "-c", shell], {
      cwd: folder.path,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [output, errors, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, output: output + errors };
  }

  test(
    "every command works as the guide says, from nothing to an alert that arrives",
    async () => {
      expect(STEPS.length).toBeGreaterThan(20);
      const outputs = new Map<string, string>();
      for (const step of STEPS) {
        const { exitCode, output } = await run(step);
        expect([step.command, exitCode, exitCode === (step.fails ? 1 : 0) ? "" : output]).toEqual([
          step.command,
          step.fails ? 1 : 0,
          "",
        ]);
        outputs.set(step.command.split(" ").slice(0, 4).join(" "), output);
      }
      expect(received).toEqual([
        { id: "1", text: "[high] Hello" },
        { id: "2", text: "[high] From the server" },
      ]);
      expect(outputs.get("binnacle plugin execute text-processing")).toContain("uber-die-brucke");
      expect(outputs.get("binnacle plugin execute validation")).toContain("is not an e-mail address");
      expect(outputs.get("binnacle plugin execute http-check")).toContain('"value": 1');
      expect(outputs.get("binnacle plugin logs team-alert")).toContain("sent");
    },
    LIMIT_MS,
  );

  test("shows the code that plugin new writes", () => {
    expect(GUIDE).toContain(TEMPLATES.alert.code.trim());
  });
});

/** Reads what the server prints until it is so; its end is a failure. */
async function until(server: Bun.Subprocess, isSo: () => boolean): Promise<void> {
  if (!(server.stdout instanceof ReadableStream)) throw new Error("The server's output is not read.");
  for await (const _ of server.stdout) if (isSo()) return;
  throw new Error("The server ended.");
}
