import { isSafeMethod } from "../../security/same-site.ts";
import { bodyTooLarge } from "../json-body.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

/** Refuses announced bodies that are too large; bodies without a length are counted as they are read. */
export const sizeLimit: Middleware = {
  name: "size",
  priority: PRIORITIES.size,
  before({ request, bodyLimitBytes }) {
    if (isSafeMethod(request.method)) return undefined;
    const length = request.headers.get("content-length");
    if (length !== null && Number(length) > bodyLimitBytes) throw bodyTooLarge(bodyLimitBytes);
    return undefined;
  },
};
