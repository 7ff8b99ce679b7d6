import { expect, test } from "bun:test";
import { withClient } from "../../../server/cli/connect.ts";
import { startApp } from "../../support/start-app.ts";

test("an address without a token is answered with how to bring one; a wrong token with what is wrong with it", async () => {
  await using app = await startApp();
  const ask = (token?: string) =>
    withClient({ data: "", url: app.address, ...(token ? { token } : {}) }, "running", (client) =>
      client.get("/api/v3/system"),
    );
  await expect(ask()).rejects.toThrow("give an API token with --token or BINNACLE_TOKEN");
  await expect(ask("bnc_wrong")).rejects.toThrow("unknown, expired or revoked");
  const token = (await app.token(["system:read"])).headers.authorization?.slice("Bearer ".length);
  expect(await ask(token)).toHaveProperty("hostname");
});
