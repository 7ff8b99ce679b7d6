import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Incidents } from "../../data/incidents.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-error-detail.ts";
import "./bn-error-list.ts";
import "./bn-recovery-strategies.ts";
import { errorsHref, readErrorQuery } from "./filters.ts";

/** What failed, grouped by cause. Filters and the chosen error stand in the address. Fires `search` (CustomEvent<string>). */
@customElement("bn-errors-page")
export class BnErrorsPage extends LitElement {
  static override styles = [baseStyles, layoutStyles];

  @property({ attribute: false }) incidents: Incidents | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) query = new URLSearchParams();

  protected override render(): unknown {
    const { incidents, session, toasts } = this;
    const query = readErrorQuery(this.query);
    const id = this.query.get("id");
    if (id !== null) {
      return html`<bn-error-detail
        .incidents=${incidents}
        .session=${session}
        .toasts=${toasts}
        .errorId=${id}
        back=${errorsHref(query)}
      ></bn-error-detail>`;
    }
    return html`<div class="stack">
      <bn-error-list .incidents=${incidents} .query=${query}></bn-error-list>
      <bn-recovery-strategies .incidents=${incidents}></bn-recovery-strategies>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-errors-page": BnErrorsPage;
  }
}
