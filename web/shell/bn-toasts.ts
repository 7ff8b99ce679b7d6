import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Observe } from "../controllers/observe.ts";
import type { Toast, Toasts } from "../data/toasts.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import "../components/bn-icon.ts";
import "../components/bn-status.ts";

const WORDS: Record<Toast["level"], string> = { calm: "Done", alarm: "Failed", info: "Note" };

/** The messages about what just happened, in a corner, spoken politely. */
@customElement("bn-toasts")
export class BnToasts extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        position: fixed;
        z-index: var(--level-toast);
        right: var(--space-4);
        bottom: var(--space-4);
        display: grid;
        gap: var(--space-2);
        max-width: min(440px, calc(100vw - 32px));
      }

      .toast {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        box-shadow: var(--shadow);
        font-size: var(--text-13);
        overflow-wrap: anywhere;
      }

      .toast > span {
        flex: 1;
      }

      @media (max-width: 720px) {
        :host {
          bottom: 76px;
        }
      }
    `,
  ];

  @property({ attribute: false }) toasts: Toasts | undefined;

  constructor() {
    super();
    new Observe(this, () => this.toasts?.shown);
  }

  protected override render(): unknown {
    return html`<div role="status" aria-live="polite">
      ${this.toasts?.shown.value.map(
        ({ id, text, level, action }) => html`<div class="toast">
          <bn-status level=${level}>${WORDS[level]}</bn-status><span>${text}</span>
          ${
            action === undefined
              ? nothing
              : html`<button class="button primary" type="button" @click=${action.run}>${action.label}</button>`
          }
          <button
            class="button quiet icon-only"
            type="button"
            aria-label="Dismiss"
            @click=${() => this.toasts?.dismiss(id)}
          >
            <bn-icon name="close"></bn-icon>
          </button>
        </div>`,
      )}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-toasts": BnToasts;
  }
}
