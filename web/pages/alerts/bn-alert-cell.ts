import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { alertHref } from "../../data/alert-words.ts";
import type { Alert } from "../../data/alerts-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles } from "../../styles/shared.ts";

const MAX_MESSAGE = 200;
const MAX_LABELS_SHOWN = 4;
const MAX_LABEL = 60;

/** What an alert says, its type and its labels; the message leads to its page. */
@customElement("bn-alert-cell")
export class BnAlertCell extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        padding: 6px 0;
        font-weight: 400;
      }

      a {
        color: var(--ink);
        font-weight: 500;
        text-decoration: none;
        white-space: normal;
        overflow-wrap: anywhere;
      }

      a:hover {
        text-decoration: underline;
      }

      p {
        display: flex;
        flex-wrap: wrap;
        gap: 2px var(--space-3);
        margin-top: 2px;
        color: var(--faint);
        font-size: var(--text-12);
        white-space: normal;
        overflow-wrap: anywhere;
      }

      @media (max-width: 720px) {
        a {
          display: inline-block;
          padding: 10px 0;
          margin: -10px 0;
        }
      }
    `,
  ];

  @property({ attribute: false }) alert: Alert | undefined;

  protected override render(): unknown {
    const { alert } = this;
    if (alert === undefined) return nothing;
    const labels = Object.entries(alert.labels);
    const more = labels.length - MAX_LABELS_SHOWN;
    return html`<a href=${alertHref(alert.id)}><bdi>${foreignText(alert.message, MAX_MESSAGE)}</bdi></a>
      <p>
        <span class="mono">${foreignText(alert.type, MAX_LABEL)}</span>
        ${labels
          .slice(0, MAX_LABELS_SHOWN)
          .map(
            ([name, value]) =>
              html`<span>${foreignText(name, MAX_LABEL)}=${foreignText(value, MAX_LABEL)}</span>`,
          )}
        ${more > 0 ? html`<span>and ${more} more</span>` : nothing}
      </p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-cell": BnAlertCell;
  }
}
