import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { makeToken } from "../support/binary-token.ts";

/**
 * The framework knows a failed conversion of a URL's value by the name of the error's class: what the compiler's
 * minifier does to names decides whether the compiled server refuses at all. The same from source cannot show it.
 */
describe("values in a URL that are out of range", () => {
  let workspace: Workspace;
  let server: RunningBinary;
  let token: string;

  beforeAll(async () => {
    workspace = new Workspace();
    token = await makeToken(workspace);
    server = await RunningBinary.start(workspace.path);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });

  test.each([
    "/api/v3/users?limit=0",
    "/api/v3/users?limit=-1",
    "/api/v3/users?limit=1000000000",
    "/api/v3/metrics/query?series=cpu_usage_percent&points=-5",
    "/api/v3/metrics/query?series=cpu_usage_percent&from=Infinity",
  ])("%s is refused, not taken as it is", async (path) => {
    const response = await fetch(server.address + path, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "validation_failed" });
  });
});
