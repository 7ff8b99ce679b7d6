import { AppError } from "../../errors/app-error.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

const MAX_URL_LENGTH = 8_192;
/** Encoded NUL, slashes, backslashes and dots: no path of ours needs one, and each has fooled some server. */
const TRICK = /%(?:00|2e|2f|5c)|\\|\/\.{1,2}(?:\/|$)|\0/i;
const BROKEN_ENCODING = /%(?![0-9a-f]{2})/i;

/** Refuses request targets that are too long or play tricks, before anything interprets them. */
export const soundTarget: Middleware = {
  name: "target",
  priority: PRIORITIES.target,
  before({ request, path }) {
    if (request.url.length > MAX_URL_LENGTH) {
      throw new AppError("invalid_request", `A URL has at most ${MAX_URL_LENGTH} characters.`);
    }
    const isPlain = !path.includes("%") && !path.includes("\\") && !path.includes("/.");
    if (!isPlain && (TRICK.test(path) || BROKEN_ENCODING.test(path))) {
      throw new AppError("invalid_request", "The path holds characters that no path here has.");
    }
    return undefined;
  },
};
