import { type Redactor, redactStream } from "../../secrets/redactor.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

/** Takes secrets out of what is streamed as a file; every other answer passes without them already. */
export const redaction = (redactor: Redactor): Middleware => ({
  name: "redaction",
  priority: PRIORITIES.redaction,
  after(_exchange, response) {
    const isFile = response.headers.get("content-disposition")?.startsWith("attachment") ?? false;
    if (!isFile || !response.body || redactor.longest === 0) return response;
    return new Response(redactStream(redactor, response.body), response);
  },
});
