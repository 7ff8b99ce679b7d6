import { isSafeMethod } from "../../security/same-site.ts";
import { bodyTooLarge } from "../json-body.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

const FIRST_REFUSAL = 400;

/**
 * Refuses announced bodies that are too large; bodies without a length are counted as they are read. One that was not
 * read to its end may have none: the runtime would go on taking it in, so the connection ends with the answer.
 */
export const sizeLimit: Middleware = {
  name: "size",
  priority: PRIORITIES.size,
  before({ request, bodyLimitBytes }) {
    if (isSafeMethod(request.method)) return undefined;
    const length = request.headers.get("content-length");
    if (length !== null && Number(length) > bodyLimitBytes) throw bodyTooLarge(bodyLimitBytes);
    return undefined;
  },
  after({ request }, response) {
    const isUnread = response.status >= FIRST_REFUSAL || !request.bodyUsed;
    if (isUnread && request.headers.has("transfer-encoding")) response.headers.set("connection", "close");
    return response;
  },
};
