import { AppError } from "../../errors/app-error.ts";
import type { BrowserBroker, BrowserMethod, OpenBrowserBroker } from "./browser-broker.ts";
import type { PluginDecisions } from "./decisions.ts";
import { grantsOf, type ResolvedGrants } from "./grants.ts";
import type { ServedMethod } from "./served-method.ts";

/** `ctx.browser` of one plugin: the permission is looked at here, everything else is the browser broker's. */
export class BrowserPlace {
  readonly methods: Record<BrowserMethod, ServedMethod>;
  #broker: BrowserBroker | undefined;

  constructor(open: OpenBrowserBroker | undefined, grants: ResolvedGrants, decisions: PluginDecisions) {
    const hosts = grantsOf(grants, "browser");
    const serve =
      (name: BrowserMethod): ServedMethod =>
      async (params, { signal }) => {
        if (hosts.length === 0) throw decisions.deny("browser", name);
        if (!open) throw new AppError("feature_off", "This server drives no browser.");
        this.#broker ??= open(hosts, decisions);
        return this.#broker.serve(name, params, signal);
      };
    this.methods = {
      "browser.open": serve("browser.open"),
      "browser.command": serve("browser.command"),
      "browser.close": serve("browser.close"),
    };
  }

  async close(): Promise<void> {
    await this.#broker?.close();
  }
}
