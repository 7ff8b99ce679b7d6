import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { baseStyles } from "../styles/shared.ts";
import "./bn-icon.ts";
import type { IconName } from "./icons.ts";

/** An empty place that teaches: what will be here, and in the slot the one action that fills it. */
@customElement("bn-empty")
export class BnEmpty extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: grid;
        justify-items: center;
        gap: var(--space-3);
        padding: var(--space-12) var(--space-4);
        color: var(--soft);
        text-align: center;
      }

      bn-icon {
        --icon-size: 24px;
        color: var(--faint);
      }

      h2 {
        color: var(--ink);
        font-size: var(--text-16);
      }

      p {
        max-width: 52ch;
      }
    `,
  ];

  @property() icon: IconName = "compass";
  @property() heading = "";
  @property() text = "";

  protected override render(): unknown {
    return html`
      <bn-icon name=${this.icon}></bn-icon>
      <h2>${this.heading}</h2>
      <p>${this.text}</p>
      <slot></slot>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-empty": BnEmpty;
  }
}
