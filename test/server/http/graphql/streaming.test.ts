import { describe, expect, test } from "bun:test";
import { startApp, type TestClient } from "../../../support/start-app.ts";

const DEEP = `${"[".repeat(40)}${"]".repeat(40)}`;

/** Sends `body` as it stands and asks for an event stream. */
async function ask(client: TestClient, body: string, type = "application/json") {
  const headers = { "content-type": type, accept: "text/event-stream" };
  const response = await client.fetch("/graphql", { method: "POST", headers, body });
  return { status: response.status, text: await response.text() };
}

describe("GraphQL as an event stream", () => {
  test.each([
    ["an unknown field", '{"query":"{ nothing }"}', 400, "validation_failed"],
    ["a document that does not parse", '{"query":"{"}', 400, "validation_failed"],
    ["a body that is no JSON", "{", 400, "invalid_request"],
    [
      "JSON beyond the depth limit",
      `{"query":"{ __typename }","variables":{"a":${DEEP}}}`,
      400,
      "invalid_request",
    ],
    [
      "a key that reaches for prototypes",
      '{"query":"{ __typename }","variables":{"__proto__":1}}',
      400,
      "invalid_request",
    ],
    [
      "a variable of the wrong type",
      '{"query":"query ($n: Int!) { users(limit: $n) { items { id } } }"}',
      400,
      "invalid_request",
    ],
  ])("%s is refused by status and code", async (_what, body, status, code) => {
    await using app = await startApp();
    const answer = await ask(await app.token(["*"]), body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(`"code":"${code}"`);
    expect(answer.text).not.toContain("originalError");
  });

  test("a form, which any site can send, is not read", async () => {
    await using app = await startApp();
    const answer = await ask(
      await app.token(["*"]),
      "query=%7B__typename%7D",
      "application/x-www-form-urlencoded",
    );
    expect(answer.status).toBe(415);
  });

  test("a stranger is refused by status", async () => {
    await using app = await startApp();
    const answer = await ask(app.guest(), '{"query":"subscription { liveMetrics { at } }"}');
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('"code":"unauthenticated"');
  });

  test("a query streams its one result", async () => {
    await using app = await startApp();
    const answer = await ask(await app.token(["*"]), '{"query":"{ __typename }"}');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('data: {"data":{"__typename":"Query"}}');
  });
});
