import type { Clock } from "../../../lib/clock.ts";
import type { Outbound } from "../../../outbound/outbound.ts";
import type { OpenBrowserBroker } from "../browser-broker.ts";
import { PluginBrowsers } from "./browsers.ts";
import type { BrowserDisplay } from "./display.ts";

/** Makes the browsers of plugins, each behind its own grants; what is refused is counted and audited as a denial. */
export const openBrowsers =
  (parts: { clock: Clock; outbound: Outbound; display: () => BrowserDisplay }): OpenBrowserBroker =>
  (grants, decisions) =>
    new PluginBrowsers({
      ...parts,
      reach: {
        hosts: grants.map(({ host }) => host),
        privateHosts: grants.filter(({ isPrivate }) => isPrivate).map(({ host }) => host),
      },
      onDenied: (what) => decisions.deny("browser", what),
      onAllowed: () => decisions.allow("browser"),
    });
