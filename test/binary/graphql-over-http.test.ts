import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { serverAudits } from "graphql-http";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";

const PASSWORD = "a sentence nobody guesses";

const workspace = new Workspace();
let server: RunningBinary;
let token: string;

const audits = serverAudits({
  url: "http://audited/graphql",
  fetchFn: (url: string, init: RequestInit = {}) => {
    const { pathname, search } = new URL(url);
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(`${server.address}${pathname}${search}`, { ...init, headers });
  },
});

/** The last word of a command that must succeed. */
async function command(args: readonly string[], stdin = ""): Promise<string> {
  const outcome = await runBinary([...args, "--data", "data"], { cwd: workspace.path, stdin });
  if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
  return outcome.stdout;
}

beforeAll(async () => {
  await command(["user", "add", "ada", "--role", "admin", "--password-file", "-"], PASSWORD);
  token = JSON.parse(
    await command(["token", "create", "--user", "ada", "--name", "audit", "--scopes", "*", "--json"]),
  ).token;
  server = await RunningBinary.start(workspace.path);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

describe("the compiled server speaks GraphQL over HTTP, with authentication and its default limits on", () => {
  test("a stranger gets nothing", async () => {
    const answer = await fetch(`${server.address}/graphql?query={__typename}`);
    expect(answer.status).toBe(401);
  });

  for (const audit of audits) {
    test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      expect(result.status === "ok" ? "ok" : `${result.status}: ${result.reason}`).toBe("ok");
    });
  }
});
