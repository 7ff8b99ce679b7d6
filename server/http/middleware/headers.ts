import type { Exchange } from "../exchange.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

/** Nothing of ours is for other sites to embed, and no body is what its type does not say. */
const EVERY_ANSWER = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "same-origin",
} as const;

/** Adds to every answer the correlation id and the headers that keep browsers from guessing. */
export const answerHeaders: Middleware = {
  name: "headers",
  priority: PRIORITIES.headers,
  after(exchange: Exchange, response: Response) {
    const { headers } = response;
    headers.set("x-correlation-id", exchange.correlationId);
    for (const name in EVERY_ANSWER) headers.set(name, EVERY_ANSWER[name as keyof typeof EVERY_ANSWER]);
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    return response;
  },
};
