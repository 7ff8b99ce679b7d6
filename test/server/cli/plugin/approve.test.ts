import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { ApprovalView } from "../../../../server/plugins/model.ts";
import { fakePlugin } from "./fake-plugin.ts";

const MAIN = join(import.meta.dirname, "../../../../server/main.ts");
const LIMIT_MS = 30_000;
const DIGEST = "a".repeat(64);
const WANTED: ApprovalView = {
  id: "mailer",
  version: "1.1.0",
  digest: DIGEST,
  isNeeded: true,
  permissions: [
    { kind: "net", text: "smtp.example.com:465", why: "Sends mail", now: null, change: "same" },
    {
      kind: "net",
      text: "log.example.com:443",
      why: "Tells\u001b[2J what it sent",
      now: null,
      change: "added",
    },
    { kind: "read", text: "/srv", why: "Reads files", now: null, change: "removed" },
  ],
  files: [{ path: "index.ts", sha256: DIGEST, sizeBytes: 12, change: "changed" }],
  signedBy: null,
  approved: null,
};

/** The part of the API that an approval needs; keeps what was agreed to. */
function fakeServer() {
  const agreed: unknown[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (new URL(request.url).pathname !== "/api/v3/plugins/mailer/approval")
        return new Response(null, { status: 404 });
      if (request.method === "GET") return Response.json(WANTED);
      agreed.push(await request.json());
      return Response.json(fakePlugin({ id: "mailer", version: "1.1.0" }));
    },
  });
  return { agreed, server, args: ["plugin", "approve", "mailer", "--url", server.url.href, "--token", "t"] };
}

/** Runs the command on a terminal and answers its question. */
async function answer(
  args: readonly string[],
  reply: string,
  lastWords: string,
): Promise<{ text: string; exitCode: number }> {
  let text = "";
  let isAnswered = false;
  const ended = Promise.withResolvers<void>();
  const terminal = new Bun.Terminal({
    cols: 100,
    rows: 30,
    data: (own, bytes) => {
      text += new TextDecoder().decode(bytes);
      // What a program wrote last may arrive after its end.
      if (text.includes(lastWords)) ended.resolve();
      if (isAnswered || !text.includes("[y/N]")) return;
      isAnswered = true;
      own.write(`${reply}\r`);
    },
  });
  const env = { PATH: process.env.PATH ?? "", TERM: "xterm", NO_COLOR: "1" };
  const child = Bun.spawn([process.execPath, MAIN, ...args], { terminal, env });
  await ended.promise;
  return { exitCode: await child.exited, text };
}

describe("plugin approve", () => {
  test(
    "shows what is asked for and agrees to exactly that, once a person says so",
    async () => {
      const { agreed, server, args } = fakeServer();
      const { text, exitCode } = await answer(args, "y", "is approved.");
      expect(text).toContain("+  net         log.example.com:443");
      expect(text).toContain("-  read        /srv");
      expect(text).toContain("~  index.ts  12");
      expect(text).toContain("Tells�[2J what it sent");
      expect(text).toContain("mailer 1.1.0 is approved.");
      expect(exitCode).toBe(0);
      expect(agreed).toEqual([{ digest: DIGEST, permissions: ["net"] }]);
      await server.stop(true);
    },
    LIMIT_MS,
  );

  test(
    "nothing is approved when the person says no, or nobody is there to be asked",
    async () => {
      const { agreed, server, args } = fakeServer();
      const refused = await answer(args, "", "Nothing was approved.");
      expect(refused.text).toContain("binnacle: Nothing was approved.");
      expect(refused.exitCode).toBe(1);
      const unattended = Bun.spawn([process.execPath, MAIN, ...args], {
        stdin: "ignore",
        stdout: "ignore",
        stderr: "pipe",
      });
      expect(await new Response(unattended.stderr).text()).toContain("without being asked, say --yes");
      expect(await unattended.exited).toBe(1);
      expect(agreed).toEqual([]);
      await server.stop(true);
    },
    LIMIT_MS,
  );
});
