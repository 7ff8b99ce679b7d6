import type { Parts } from "../compose.ts";
import type { Route } from "./router.ts";
import { ENTRY_ROUTES } from "./routes/entry.ts";
import { RUN_ROUTES } from "./routes/run.ts";
import { SYSTEM_ROUTES } from "./routes/system.ts";
import { WATCH_ROUTES } from "./routes/watch.ts";

/** Every page of the dashboard. A page gets the parts it needs and no others. */
export const ROUTES: readonly Route<Parts>[] = [
  ...WATCH_ROUTES,
  ...RUN_ROUTES,
  ...SYSTEM_ROUTES,
  ...ENTRY_ROUTES,
];
