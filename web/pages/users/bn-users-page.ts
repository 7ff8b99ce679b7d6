import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-tabs.ts";
import type { People } from "../../data/people.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import "../../panels/bn-session-list.ts";
import "../../panels/bn-token-list.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-role-list.ts";
import "./bn-user-list.ts";

const TABS = [
  { id: "users", label: "Users" },
  { id: "roles", label: "Roles" },
  { id: "tokens", label: "API tokens" },
  { id: "sessions", label: "Sessions" },
] as const;

/** Who and what may use this server: people, tokens, open sessions. The tab stands in the address. */
@customElement("bn-users-page")
export class BnUsersPage extends LitElement {
  static override styles = [baseStyles, layoutStyles];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property() tab = "users";

  #content(): unknown {
    const { people, session, toasts } = this;
    if (this.tab === "tokens")
      return html`<bn-token-list .people=${people} .session=${session} .toasts=${toasts}></bn-token-list>`;
    if (this.tab === "sessions")
      return html`<bn-session-list .people=${people} .toasts=${toasts}></bn-session-list>`;
    if (this.tab === "roles")
      return html`<bn-role-list .people=${people} .session=${session} .toasts=${toasts}></bn-role-list>`;
    return html`<bn-user-list .people=${people} .session=${session} .toasts=${toasts}></bn-user-list>`;
  }

  protected override render(): unknown {
    const shown = TABS.find((tab) => tab.id === this.tab) ?? TABS[0];
    return html`
      <bn-tabs
        label="Users and tokens"
        shown=${shown.id}
        .tabs=${TABS.map(({ id, label }) => ({ id, label, href: id === "users" ? "/users" : `/users?tab=${id}` }))}
      ></bn-tabs>
      <section class="panel" aria-label=${shown.label}>${this.#content()}</section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-users-page": BnUsersPage;
  }
}
