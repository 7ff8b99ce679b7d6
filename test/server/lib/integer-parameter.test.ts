import { describe, expect, test } from "bun:test";
import { Elysia, t } from "elysia";
import { IntegerParameter } from "../../../server/lib/integer-parameter.ts";

const app = new Elysia().get("/", ({ query: { limit } }) => ({ limit, type: typeof limit }), {
  query: t.Object({ limit: IntegerParameter({ minimum: 1, maximum: 500, default: 50 }) }),
});
const ask = (query: string) => app.handle(new Request(`http://localhost/${query}`));

describe("a whole number within a URL", () => {
  test("reaches the handler as a number", async () => {
    expect(await (await ask("?limit=7")).json()).toEqual({ limit: 7, type: "number" });
  });

  test("has its default when it is left out", async () => {
    expect(await (await ask("")).json()).toEqual({ limit: 50, type: "number" });
  });

  test.each(["0", "501", "-1", "1.5", "1e99", "abc", "NaN", "7 7"])("is refused as %p", async (text) => {
    expect((await ask(`?limit=${encodeURIComponent(text)}`)).status).toBe(422);
  });
});
