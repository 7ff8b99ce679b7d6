import { describe, expect, test } from "bun:test";
import { openGraphSocket } from "../../../support/graph-socket.ts";
import { startApp, type TestClient } from "../../../support/start-app.ts";

const OPERATIONS_AT_ONCE = 3;
const SENT = 8;

/** Sends the same query over one socket, one after the other, and gives the code of each answer. */
async function askOverSocket(client: TestClient, times: number): Promise<string[]> {
  const socket = openGraphSocket(client);
  const codes: string[] = [];
  for (let sent = 0; sent < times; sent++) {
    const answer = socket.iterate({ query: "{ __typename }" }).next();
    const refusal = await answer.then(
      () => undefined,
      (errors: { extensions: { code: string } }[]) => errors[0]?.extensions.code,
    );
    codes.push(refusal ?? "answered");
  }
  await socket.dispose();
  return codes;
}

describe("operations over a socket", () => {
  test.each([
    ["a token", "graphql"],
    ["a signed-in person", "dashboard"],
  ] as const)("of %s are counted in the same bucket as over HTTP", async (who, bucket) => {
    await using app = await startApp({
      settings: { [`limits.${bucket}.perMinute`]: 1, [`limits.${bucket}.burst`]: OPERATIONS_AT_ONCE },
    });
    const client = who === "a token" ? await app.token(["*"]) : await app.session("admin");
    const codes = await askOverSocket(client, SENT);
    expect(codes.slice(0, OPERATIONS_AT_ONCE)).toEqual(Array(OPERATIONS_AT_ONCE).fill("answered"));
    expect(codes.slice(OPERATIONS_AT_ONCE)).toEqual(Array(SENT - OPERATIONS_AT_ONCE).fill("rate_limited"));
    expect((await client.graphql("{ __typename }")).status).toBe(429);
  });
});
