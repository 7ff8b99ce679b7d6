import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/errors/app-error.ts";
import { Exchange } from "../../../server/http/exchange.ts";
import { type ExchangeEnd, type Middleware, Pipeline } from "../../../server/http/pipeline.ts";
import { silentLogger } from "../../../server/logs/logger.ts";

function newExchange(): Exchange {
  return new Exchange({
    request: new Request("http://localhost/path?query"),
    correlationId: "c-1",
    carrier: { requestIP: () => null },
    startedAtMs: 0,
    isSecure: false,
    bodyLimitBytes: 100,
  });
}

function newPipeline(middleware: readonly Middleware[], handler = () => new Response("handled")) {
  const ends: ExchangeEnd[] = [];
  const pipeline = new Pipeline({
    middleware,
    handler,
    log: silentLogger,
    monotonicMs: () => 7,
    onEnd: (end) => void ends.push(end),
  });
  return { pipeline, ends };
}

describe("the pipeline", () => {
  test("runs steps by priority and back in the opposite order", async () => {
    const seen: string[] = [];
    const step = (name: string, priority: number): Middleware => ({
      name,
      priority,
      before: () => void seen.push(`${name} in`) as undefined,
      after: (_exchange, response) => {
        seen.push(`${name} out`);
        return response;
      },
    });
    const { pipeline } = newPipeline([step("late", 20), step("early", 10)]);
    await pipeline.handle(newExchange());
    expect(pipeline.order).toEqual(["early", "late"]);
    expect(seen).toEqual(["early in", "late in", "late out", "early out"]);
  });

  test("a step's answer ends the request before the handler", async () => {
    let isHandled = false;
    const { pipeline } = newPipeline(
      [{ name: "stop", priority: 1, before: () => new Response("early") }],
      () => {
        isHandled = true;
        return new Response("handled");
      },
    );
    expect(await (await pipeline.handle(newExchange()))?.text()).toBe("early");
    expect(isHandled).toBe(false);
  });

  test("what is thrown becomes one problem, which passes the steps back and is reported once", async () => {
    const { pipeline, ends } = newPipeline(
      [
        {
          name: "mark",
          priority: 1,
          after: (_exchange, response) => {
            response.headers.set("x-marked", "yes");
            return response;
          },
        },
      ],
      () => {
        throw new AppError("rate_limited", "Slower, please.", { retryAfterMs: 1_500 });
      },
    );
    const response = await pipeline.handle(newExchange());
    expect(response?.status).toBe(429);
    expect(response?.headers.get("retry-after")).toBe("2");
    expect(response?.headers.get("x-marked")).toBe("yes");
    expect(await response?.json()).toMatchObject({
      code: "rate_limited",
      detail: "Slower, please.",
      correlationId: "c-1",
      status: 429,
    });
    expect(
      ends.map(({ status, durationMs, exchange }) => [status, durationMs, exchange.error?.code]),
    ).toEqual([[429, 7, "rate_limited"]]);
  });

  test("the cause of an unexpected failure stays inside", async () => {
    const { pipeline } = newPipeline([], () => {
      throw new Error("SELECT secret FROM users");
    });
    const response = await pipeline.handle(newExchange());
    expect(response?.status).toBe(500);
    expect(await response?.text()).not.toContain("secret");
  });

  test("a step that fails on the way back is answered too", async () => {
    const { pipeline } = newPipeline([
      {
        name: "broken",
        priority: 1,
        after: () => {
          throw new Error("broken");
        },
      },
    ]);
    expect((await pipeline.handle(newExchange()))?.status).toBe(500);
  });
});
