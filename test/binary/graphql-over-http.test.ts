import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { serverAudits } from "graphql-http";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { makeToken } from "../support/binary-token.ts";

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

beforeAll(async () => {
  token = await makeToken(workspace);
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
