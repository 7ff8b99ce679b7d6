import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

describe("the audit log at the edges", () => {
  let app: RunningApp;
  let reader: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    app = await startApp();
    admin = await app.token(["*"]);
    reader = await app.token(["audit:read"]);
    await admin.send("PUT", "/api/v3/secrets/FIRST", {
      value: "first value",
      description: '=HYPERLINK("x"),"',
    });
    await admin.send("DELETE", "/api/v3/secrets/FIRST", undefined);
    // What the outside says stands in a refusal's target.
    await reader.send("PUT", "/api/v3/secrets/FIRST", { value: "no" });
    await app.parts.audit.flush();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  test("REST and the graph find the same rows, page by page", async () => {
    const first = (await (await reader.get("/api/v3/audit?action=secret&limit=1")).json()) as Page;
    expect(first.items).toMatchObject([
      { action: "secret.remove", target: "FIRST", outcome: "ok", detail: {} },
    ]);
    const second = (await (
      await reader.get(`/api/v3/audit?action=secret&limit=1&cursor=${first.nextCursor}`)
    ).json()) as Page;
    expect(second).toMatchObject({ items: [{ action: "secret.create", detail: { version: 1 } }] });
    const { result } = await reader.graphql(
      'query { auditLog(action: "secret", limit: 5) { items { seq action target outcome } nextCursor } auditChain { state } }',
    );
    expect(result.data?.auditLog).toMatchObject({
      items: [{ action: "secret.remove" }, { action: "secret.create" }],
      nextCursor: null,
    });
  });

  test("refusals stand in it; who may not verify, does not", async () => {
    const denied = (await (await reader.get("/api/v3/audit?outcome=denied")).json()) as Page;
    expect(denied.items[0]).toMatchObject({
      action: "request.refuse",
      target: "PUT /api/v3/secrets/FIRST",
      outcome: "denied",
    });
    expect((await reader.send("POST", "/api/v3/audit/verifications", {})).status).toBe(403);
    expect((await app.guest().get("/api/v3/audit")).status).toBe(401);
    expect(await (await admin.send("POST", "/api/v3/audit/verifications", {})).json()).toMatchObject({
      state: "intact",
      damage: null,
    });
  });

  test.each([
    ["a time that is none", "from=yesterday", "from"],
    ["an outcome that is none", "outcome=maybe", "outcome"],
    ["a field that is none", "password=x", "password"],
    ["an empty text", "text=", "text"],
  ])("%s is refused, and named", async (_what, query, path) => {
    const answer = await reader.get(`/api/v3/audit?${query}`);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "validation_failed", errors: [{ path }] });
  });

  test("exports follow the filter, oldest first, and no spreadsheet calculates what a stranger wrote", async () => {
    const lines = await (await reader.get("/api/v3/audit/export?action=secret")).text();
    expect(
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).action),
    ).toEqual(["secret.create", "secret.remove"]);
    await app.parts.databases.state.write((tx) =>
      app.parts.audit.appendOwn(tx, { action: "test.formula", target: '=1+1,"x"' }),
    );
    const csv = await (await reader.get("/api/v3/audit/export?format=csv&action=test")).text();
    expect(csv).toStartWith("seq,at,actor,action,target,");
    expect(csv).toContain(`"'=1+1,""x"""`);
  });
});

interface Page {
  items: Record<string, unknown>[];
  nextCursor: string | null;
}
