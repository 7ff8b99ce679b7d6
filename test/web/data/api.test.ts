import { describe, expect, test } from "bun:test";
import { Api, printQuery } from "../../../web/data/api.ts";
import { ApiProblem } from "../../../web/data/problem.ts";

async function refusalOf(answer: Promise<unknown>): Promise<ApiProblem> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof ApiProblem) return error;
    throw error;
  }
  throw new Error("The request was not refused");
}

const answering = (response: () => Response): Api => new Api(async () => response());

describe("a request", () => {
  test("carries the same-site proof, the body as JSON, and a timeout", async () => {
    let sent: RequestInit | undefined;
    const api = new Api(async (_url, init) => {
      sent = init;
      return Response.json({ ok: true });
    });
    expect(await api.post<object>("/api/v3/users", { name: "ada" })).toEqual({ ok: true });
    expect(sent?.headers).toMatchObject({ "x-binnacle-csrf": "1", "content-type": "application/json" });
    expect(sent?.body).toBe('{"name":"ada"}');
    expect(sent?.signal).toBeInstanceOf(AbortSignal);
  });

  test("lists repeat in the query, absent values are left out", () => {
    expect(printQuery({ series: ['a{b="c"}', "d"], limit: 5, cursor: undefined })).toBe(
      "?series=a%7Bb%3D%22c%22%7D&series=d&limit=5",
    );
    expect(printQuery({})).toBe("");
  });

  test("answered by 204 has no value", async () => {
    expect(
      await answering(() => new Response(null, { status: 204 })).delete("/api/v3/users/1"),
    ).toBeUndefined();
  });
});

describe("a failure is told in words", () => {
  test("with the server's own, its code, fields and correlation id", async () => {
    const body = {
      title: "Check the fields",
      detail: "One field is wrong.",
      code: "validation_failed",
      correlationId: "c-1",
      errors: [{ path: "/body/name", message: "must not be empty" }],
    };
    const problem = await refusalOf(answering(() => Response.json(body, { status: 422 })).post("/x", {}));
    expect(problem).toMatchObject({ code: "validation_failed", status: 422, correlationId: "c-1" });
    expect(problem.messageFor("name")).toBe("must not be empty");
    expect(problem.messageFor("role")).toBeUndefined();
  });

  test("also when a proxy answers with a page", async () => {
    const page = () =>
      new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "x-correlation-id": "c-2" } });
    const problem = await refusalOf(answering(page).get("/x"));
    expect(problem).toMatchObject({ code: "http_502", correlationId: "c-2" });
    expect(problem.detail).toContain("502");
  });

  test("also when no answer comes, or too late", async () => {
    const unreachable = new Api(async () => {
      throw new TypeError("Failed to fetch");
    });
    expect((await refusalOf(unreachable.get("/x"))).code).toBe("connection_lost");
    const slow = new Api(
      (_url, init) =>
        new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason))),
    );
    expect((await refusalOf(slow.get("/x", { timeoutMs: 1 }))).code).toBe("request_timeout");
    const stalled = new Api(async (_url, { signal }) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue("{");
          signal?.addEventListener("abort", () => controller.error(signal.reason));
        },
      });
      return new Response(body);
    });
    expect((await refusalOf(stalled.get("/x", { timeoutMs: 1 }))).code).toBe("request_timeout");
  });
});

test("401 tells that nobody is signed in any more, except where signing in itself is refused", async () => {
  const api = answering(() => Response.json({}, { status: 401 }));
  let times = 0;
  api.onSignedOut = () => {
    times += 1;
  };
  await refusalOf(api.get("/api/v3/users"));
  expect(times).toBe(1);
  await refusalOf(api.post("/api/v3/session", {}));
  expect(times).toBe(1);
});
