import type { IpAddress } from "../../outbound/ip-address.ts";
import { OutboundError } from "../../outbound/outcome.ts";
import { OutboundPolicy, type PolicyOptions } from "../../outbound/policy.ts";
import { authorityOf, type Target } from "../../outbound/target.ts";
import type { PluginDecisions } from "./decisions.ts";
import { grantsOf, type ResolvedGrants } from "./grants.ts";

type Limits = Omit<PolicyOptions, "only" | "allow" | "allowAsAddress" | "proxy">;

/**
 * The grants of a plugin as a policy of outbound connections. It is asked about every host, every address a name
 * resolved to and every redirect, so each of them is a decision here: counted, and audited when it is a denial.
 * What it refuses is an AppError `permission_denied`.
 */
export class GrantedPolicy extends OutboundPolicy {
  readonly #decisions: PluginDecisions;

  constructor(grants: ResolvedGrants, decisions: PluginDecisions, limits: Limits) {
    const places = grantsOf(grants, "net").map((grant) => ({ ...grant, place: placeOf(grant) }));
    const near = places.filter(({ isPrivate }) => isPrivate);
    super({
      ...limits,
      only: places.map(({ place }) => place),
      allow: near.filter(({ host }) => !isAddress(host)).map(({ place }) => place),
      // Granted as an address, not to whatever name is made to lead there.
      allowAsAddress: near.filter(({ host }) => isAddress(host)).map(({ host }) => host),
    });
    this.#decisions = decisions;
  }

  override assertHost(target: Target): void {
    this.#decided(target, () => super.assertHost(target));
    this.#decisions.allow("net");
  }

  override assertAddress(target: Target, address: IpAddress): void {
    this.#decided(target, () => super.assertAddress(target, address));
  }

  #decided(target: Target, assert: () => void): void {
    try {
      assert();
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      const place = authorityOf(target);
      const reason =
        error.outcome === "refused_address"
          ? `${error.message} The manifest can name it with "private": true.`
          : `The plugin was not granted net ${place}; its manifest can ask for it under permissions.`;
      throw this.#decisions.deny("net", place, reason);
    }
  }
}

const isAddress = (host: string): boolean => host.includes(":") || /^[\d.]+$/.test(host);

const placeOf = ({ host, port }: { host: string; port: number }): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * What a failed connection to `place` is to the plugin: an answer of the resolver that is no plain address is refused
 * before the policy is asked, and is a denial too.
 */
export function asDenial(error: unknown, place: string, decisions: PluginDecisions): unknown {
  if (!(error instanceof OutboundError) || error.outcome !== "refused_address") return error;
  return decisions.deny("net", place, error.message);
}
