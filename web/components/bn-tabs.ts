import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { baseStyles } from "../styles/shared.ts";

export interface Tab {
  id: string;
  label: string;
  href: string;
  /** Stands behind the label: a number, or a mark that something waits there. */
  note?: string;
}

/** The parts of a page as links: the address holds which one is shown. */
@customElement("bn-tabs")
export class BnTabs extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        margin-bottom: var(--space-4);
      }

      nav {
        display: flex;
        gap: var(--space-1);
        border-bottom: 1px solid var(--line);
        overflow-x: auto;
        scrollbar-width: none;
      }

      a {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        min-height: 40px;
        padding: 0 var(--space-3);
        border-bottom: 2px solid transparent;
        color: var(--soft);
        font-weight: 500;
        text-decoration: none;
        white-space: nowrap;
      }

      a:hover {
        color: var(--ink);
      }

      a:focus-visible {
        outline-offset: -2px;
      }

      a[aria-current] {
        border-bottom-color: var(--brass);
        color: var(--ink);
      }

      span {
        padding: 0 6px;
        border-radius: var(--radius-round);
        background: var(--brass-wash);
        color: var(--brass-ink);
        font-size: var(--text-12);
      }

      @media (max-width: 720px) {
        a {
          min-height: 44px;
        }
      }
    `,
  ];

  /** What the parts are of. */
  @property() label = "";
  @property({ attribute: false }) tabs: readonly Tab[] = [];
  /** Id of the one shown. */
  @property() shown = "";

  protected override render(): unknown {
    return html`<nav aria-label=${this.label}>
      ${this.tabs.map(
        ({ id, label, href, note }) =>
          html`<a href=${href} aria-current=${id === this.shown ? "page" : nothing}
            >${label}${note === undefined ? nothing : html`<span>${note}</span>`}</a
          >`,
      )}
    </nav>`;
  }

  /** On a narrow screen the shown one may lie outside of what is seen. */
  protected override updated(): void {
    this.renderRoot
      .querySelector("[aria-current]")
      ?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-tabs": BnTabs;
  }
}
