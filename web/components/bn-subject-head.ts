import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { baseStyles, controlStyles } from "../styles/shared.ts";

/** The head of a page about one thing: the way back to all of them, what it is, and in the slot `verbs` what can be done. */
@customElement("bn-subject-head")
export class BnSubjectHead extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: block;
      }

      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: start;
        justify-content: space-between;
        gap: var(--space-3) var(--space-6);
        margin: var(--space-2) 0 var(--space-4);
      }

      .what {
        flex: 1 1 320px;
        min-width: 0;
      }

      .back {
        margin-left: calc(-1 * var(--space-3));
      }
    `,
  ];

  /** Where all of them are. */
  @property() href = "";
  /** What that page is called. */
  @property() label = "";

  protected override render(): unknown {
    return html`<nav aria-label="Back"><a class="button quiet back" href=${this.href}>← ${this.label}</a></nav>
      <div class="head">
        <div class="what"><slot></slot></div>
        <slot name="verbs"></slot>
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-subject-head": BnSubjectHead;
  }
}
