import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { serverAudits } from "graphql-http";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let admin: TestClient;
const audits = serverAudits({
  url: "http://audited/graphql",
  fetchFn: (url: string, init: RequestInit) => {
    const { pathname, search } = new URL(url);
    return admin.fetch(`${pathname}${search}`, init);
  },
});

beforeAll(async () => {
  app = await startApp();
  admin = await app.token(["*"]);
});
afterAll(() => app[Symbol.asyncDispose]());

describe("GraphQL over HTTP, as its specification audits it, with authentication and limits on", () => {
  for (const audit of audits) {
    test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      expect(result.status === "ok" ? "ok" : `${result.status}: ${result.reason}`).toBe("ok");
    });
  }
});
