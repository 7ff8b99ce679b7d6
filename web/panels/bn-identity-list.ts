import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../components/bn-dialog.ts";
import "../components/bn-error.ts";
import "../components/bn-skeleton.ts";
import "../components/bn-time.ts";
import { Load } from "../controllers/load.ts";
import type { People } from "../data/people.ts";
import type { Session } from "../data/session.ts";
import type { Toasts } from "../data/toasts.ts";
import type { Identity, SignInProvider } from "../data/types.ts";
import { baseStyles, controlStyles, layoutStyles } from "../styles/shared.ts";

interface Ways {
  identities: Identity[];
  providers: SignInProvider[];
}

/** The accounts at providers by which one signs in: each to be unlinked, and further ones to be linked. */
@customElement("bn-identity-list")
export class BnIdentityList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      bn-skeleton {
        margin: var(--space-4);
      }

      .way {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
        padding: var(--space-3) var(--space-4);
        border-bottom: 1px solid var(--line);
      }

      .way:last-child {
        border-bottom: 0;
      }

      p {
        color: var(--soft);
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  readonly #load = new Load<Ways>(this, async () => {
    const [identities, providers] = await Promise.all([this.people?.identities(), this.session?.providers()]);
    return { identities: identities ?? [], providers: providers ?? [] };
  });

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  async #unlink(identity: Identity, label: string): Promise<void> {
    const isSure = await confirmStep({
      heading: `Unlink ${label}?`,
      consequence: `You no longer sign in here with ${identity.email ?? "that account"}. The account itself stays as it is.`,
      verb: "Unlink",
    });
    if (!isSure) return;
    try {
      await this.people?.removeIdentity(identity.id);
      this.toasts?.say(`${label} is unlinked`);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#load.run();
  }

  async #link(provider: SignInProvider): Promise<void> {
    try {
      const url = await this.people?.beginLink(provider.id);
      if (url !== undefined) location.assign(url);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="line"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    const { identities, providers } = state.value;
    const unlinked = providers.filter(({ id }) => !identities.some(({ provider }) => provider === id));
    return html`${identities.map((identity) => this.#linked(identity, providers))}
    ${unlinked.map(
      (provider) => html`<div class="way">
        <div>
          <h3>${provider.label}</h3>
          <p>Not linked: link your account there to sign in with it.</p>
        </div>
        <button class="button" type="button" @click=${() => this.#link(provider)}>Link ${provider.label}</button>
      </div>`,
    )}`;
  }

  #linked(identity: Identity, providers: readonly SignInProvider[]): unknown {
    const label = providers.find(({ id }) => id === identity.provider)?.label ?? identity.provider;
    return html`<div class="way">
      <div>
        <h3>${label}</h3>
        <p>
          ${identity.email ?? "no e-mail address told"} ·
          ${
            identity.lastUsedAt === null
              ? "never used to sign in"
              : html`last used <bn-time .at=${identity.lastUsedAt}></bn-time>`
          }
        </p>
      </div>
      <button class="button quiet danger" type="button" @click=${() => this.#unlink(identity, label)}>
        Unlink
      </button>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-identity-list": BnIdentityList;
  }
}
