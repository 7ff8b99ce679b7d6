import { describe, expect, test } from "bun:test";
import { startApp } from "../../support/start-app.ts";

describe("the name of a token", () => {
  test.each(["a\u0000", "\u001b[2Jgone", "two\nlines", "\u009bm"])(
    "holds no control character: %j",
    async (name) => {
      await using app = await startApp();
      const admin = await app.token(["*"]);
      const body = { name, scopes: ["metrics:read"], expiresInDays: null };
      expect((await admin.send("POST", "/api/v3/tokens", body)).status).toBe(422);
      const create = `mutation ($name: String!) {
      createToken(name: $name, scopes: ["metrics:read"]) { secret }
    }`;
      const { result } = await admin.graphql(create, { name });
      expect(result.errors?.[0]).toMatchObject({
        path: ["createToken"],
        extensions: { code: "validation_failed" },
      });
    },
  );

  test("may be in any language", async () => {
    await using app = await startApp();
    const admin = await app.token(["*"]);
    const body = { name: "Überwachung · 監視 🔭", scopes: ["metrics:read"], expiresInDays: null };
    expect((await admin.send("POST", "/api/v3/tokens", body)).status).toBe(201);
  });
});
