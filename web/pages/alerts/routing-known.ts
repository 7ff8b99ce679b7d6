import type { Defined } from "../../data/alerts-types.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { tabHref } from "./filters.ts";
import type { RoutingKind } from "./routing-fields.ts";

/** Everything that is set up to tell people. */
export interface RoutingKnown {
  channels: readonly Defined<"channel">[];
  routes: readonly Defined<"route">[];
  windows: readonly Defined<"window">[];
  /** Plugins that send alerts, as far as the reader may see them. */
  senders: readonly Plugin[];
}

/** Stands for the id of what is not there yet. */
export const NEW = "new";

/** Where one of them is edited. */
export const hrefOf = (kind: RoutingKind, id: string): string =>
  tabHref("routing", { edit: `${kind}:${id}` });
