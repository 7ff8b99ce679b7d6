import type { BrokerMethod } from "../../../schema/plugin/rpc.ts";
import type { PluginDecisions } from "./decisions.ts";
import type { GrantOf } from "./grants/grant.ts";

export type BrowserMethod = Extract<BrokerMethod, `browser.${string}`>;

/** Serves the browsers of one plugin. */
export interface BrowserBroker {
  /** @throws AppError `permission_denied`, `invalid_request` */
  serve(method: BrowserMethod, params: unknown, signal: AbortSignal): Promise<unknown>;
  /** Ends every browser. */
  close(): Promise<void>;
}

/** Makes the browser broker of a plugin from its grants; called when the plugin first asks for a browser. */
export type OpenBrowserBroker = (
  grants: readonly GrantOf<"browser">[],
  decisions: PluginDecisions,
) => BrowserBroker;
