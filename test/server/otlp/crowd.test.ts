import { expect, test } from "bun:test";
import { attachExchange, Exchange } from "../../../server/http/exchange.ts";
import { Router } from "../../../server/http/router.ts";
import { LOGS_REQUEST } from "../../../server/otlp/logs.ts";
import { otlpRoutes } from "../../../server/otlp/rest.ts";
import type { Signal } from "../../../server/otlp/signal.ts";
import { OWNER } from "../../../server/security/principal.ts";

const AT_ONCE = 2;
const WAITING = 50;

test("of many requests at once two are unpacked, fifty wait, and further ones are told to come again", async () => {
  const release = Promise.withResolvers<void>();
  let [inside, most] = [0, 0];
  const signal: Signal<"logs:write"> = {
    path: "/v1/logs",
    access: "logs:write",
    summary: "Log records",
    rejectedField: "rejectedLogRecords",
    shape: LOGS_REQUEST,
    async take() {
      most = Math.max(most, ++inside);
      await release.promise;
      inside--;
      return { rejected: 0, problem: "" };
    },
  };
  const router = new Router([otlpRoutes(signal)]);
  const send = async (): Promise<Response> => {
    const headers = { "content-type": "application/json" };
    const request = new Request("http://binnacle/v1/logs", { method: "POST", body: "{}", headers });
    const exchange = new Exchange({
      ...{ request, correlationId: "test", startedAtMs: 0, isSecure: false, bodyLimitBytes: 1_024 },
      ...{ principal: OWNER, carrier: { requestIP: () => null } },
    });
    attachExchange(exchange);
    return router.handle(exchange);
  };
  const answers = Array.from({ length: AT_ONCE + WAITING + 3 }, send);
  const refused = [await Promise.race(answers), ...(await Promise.all(answers.slice(-3)))];
  for (const { status, headers } of refused) {
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("5");
  }
  release.resolve();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(AT_ONCE + WAITING);
  expect(most).toBe(AT_ONCE);
});
