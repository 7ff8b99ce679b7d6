import { describe, expect, test } from "bun:test";
import { ApiClient, ApiRefusal, networkTransport, type Transport } from "../../../server/cli/api-client.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A server that answers from a table and keeps what it was asked. */
function answering(answers: Record<string, () => Response>): { transport: Transport; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    transport: async (path, init) => {
      asked.push(`${init.method} ${path}${typeof init.body === "string" ? ` ${init.body}` : ""}`);
      return answers[path]?.() ?? Response.json({ title: "There is nothing here" }, { status: 404 });
    },
  };
}

describe("API client", () => {
  test("an export that does not begin is given up, one that has begun may take its time", async () => {
    const clock = new ManualClock();
    const silent: Transport = (_path, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    const waiting = new ApiClient("test", silent, undefined, clock).stream("/export");
    const outcome = waiting.catch((error: unknown) => error);
    await clock.advance(30_000);
    expect(await outcome).toMatchObject({ name: "TimeoutError" });
    let signal: AbortSignal | null | undefined;
    const slow: Transport = async (_path, init) => {
      signal = init.signal;
      return new Response("rows");
    };
    const body = await new ApiClient("test", slow, undefined, clock).stream("/export");
    await clock.advance(3_600_000);
    expect(signal?.aborted).toBe(false);
    expect(await new Response(body).text()).toBe("rows");
  });

  test("walks a list page by page until there is no cursor", async () => {
    const { transport, asked } = answering({
      "/users?limit=100": () => Response.json({ items: [1, 2], nextCursor: "a b" }),
      "/users?limit=100&cursor=a+b": () => Response.json({ items: [3], nextCursor: null }),
    });
    expect(await Array.fromAsync(new ApiClient("test", transport).list<number>("/users"))).toEqual([1, 2, 3]);
    expect(asked).toHaveLength(2);
  });

  test("a list that does not end is a fault, not a shorter list", async () => {
    const endless: Transport = async () => Response.json({ items: [], nextCursor: "again" });
    const walk = Array.fromAsync(new ApiClient("test", endless).list("/users"));
    await expect(walk).rejects.toThrow("The list /users does not end");
  });

  test("sends JSON, and an answer without content is nothing", async () => {
    const { transport, asked } = answering({ "/users/1": () => new Response(null, { status: 204 }) });
    expect(
      await new ApiClient("test", transport).send("PATCH", "/users/1", { role: "admin" }),
    ).toBeUndefined();
    expect(asked).toEqual(['PATCH /users/1 {"role":"admin"}']);
  });

  test("a refusal is the server's own sentence, with the fields it names", async () => {
    const { transport } = answering({
      "/users": () =>
        Response.json(
          {
            title: "Some fields are not valid",
            detail: "Look again.",
            errors: [{ path: "name", message: "is taken" }],
          },
          { status: 422 },
        ),
    });
    const refusal = new ApiClient("test", transport).get("/users");
    await expect(refusal).rejects.toThrow("Look again. (name: is taken)");
    await expect(refusal).rejects.toBeInstanceOf(ApiRefusal);
  });

  test("an answer that is no problem document still says its status", async () => {
    const { transport } = answering({
      "/x": () => new Response("<html>Bad gateway</html>", { status: 502 }),
    });
    await expect(new ApiClient("test", transport).get("/x")).rejects.toThrow("502");
  });

  test("nobody at the other end is one sentence with the address", async () => {
    const server = Bun.serve({ port: 0, fetch: () => new Response() });
    const { origin } = server.url;
    await server.stop(true);
    const client = new ApiClient(origin, networkTransport(origin, origin, {}));
    await expect(client.get("/x")).rejects.toThrow(
      `Cannot reach Binnacle at ${origin}: nothing listens there.`,
    );
  });

  test("a token travels as bearer, and a redirect to elsewhere does not take it along", async () => {
    const seen: (string | null)[] = [];
    await using server = Bun.serve({
      port: 0,
      fetch(request) {
        seen.push(request.headers.get("authorization"));
        return new URL(request.url).pathname === "/away"
          ? Response.redirect("http://127.0.0.1:1/", 302)
          : Response.json({});
      },
    });
    const { origin } = server.url;
    const client = new ApiClient(origin, networkTransport(origin, origin, { token: "bnc_x" }));
    await client.get("/here");
    expect(seen).toEqual(["Bearer bnc_x"]);
    await expect(client.get("/away")).rejects.toThrow("Cannot reach Binnacle");
  });
});
