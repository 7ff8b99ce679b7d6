import type { Configuration } from "../../config/configuration.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Outbound } from "../../outbound/outbound.ts";
import { RelyingParty } from "./relying-party.ts";

/** A button on the sign-in page. */
export interface ProviderButton {
  id: string;
  label: string;
}

/** The OpenID providers of the settings. A changed one is discovered anew; what did not change is kept. */
export class Providers {
  readonly #configuration: Configuration;
  readonly #outbound: Outbound;
  /** By the text of the provider's settings. */
  #parties = new Map<string, RelyingParty>();

  constructor(configuration: Configuration, outbound: Outbound) {
    this.#configuration = configuration;
    this.#outbound = outbound;
  }

  list(): ProviderButton[] {
    return this.#configuration.settings.signIn.providers.map(({ id, label = id }) => ({ id, label }));
  }

  /** @throws AppError `provider_not_found` */
  get(id: string): RelyingParty {
    return this.find(id) ?? absent();
  }

  find(id: string): RelyingParty | undefined {
    const provider = this.#configuration.settings.signIn.providers.find((one) => one.id === id);
    if (!provider) return undefined;
    const text = JSON.stringify(provider);
    const known = this.#parties.get(text);
    if (known) return known;
    const readSecret = () => this.#configuration.resolveText(provider.clientSecret ?? "");
    const party = new RelyingParty({ provider, readSecret, outbound: this.#outbound });
    this.#keep(text, party);
    return party;
  }

  /** Settings that are no longer in force take theirs with them. */
  #keep(text: string, party: RelyingParty): void {
    const current = new Set(this.#configuration.settings.signIn.providers.map((one) => JSON.stringify(one)));
    this.#parties = new Map([...this.#parties].filter(([known]) => current.has(known)));
    this.#parties.set(text, party);
  }
}

function absent(): never {
  throw new AppError("provider_not_found");
}
