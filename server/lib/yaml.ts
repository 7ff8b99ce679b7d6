/** Evaluated at the first call: a start without a file needs none of it. */
export const yaml = (): typeof import("yaml") => require("yaml");
