import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import "./bn-icon.ts";

const CONFIRMED_MS = 2000;

/** Copies its text to the clipboard and says that it did; where the clipboard is closed, it says so. */
@customElement("bn-copy")
export class BnCopy extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: inline-flex;
      }

      :host([compact]) .button {
        min-height: 28px;
        padding: 0 var(--space-2);
      }
    `,
  ];

  @property({ attribute: false }) text = "";
  @property() label = "Copy";
  @state() private outcome: "copied" | "refused" | undefined;

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
      this.outcome = "copied";
    } catch {
      // Plain HTTP on another host has no clipboard: the reader has to select the text.
      this.outcome = "refused";
    }
    setTimeout(() => {
      this.outcome = undefined;
    }, CONFIRMED_MS);
  }

  protected override render(): unknown {
    const words = { copied: "Copied", refused: "Select and copy by hand" };
    return html`<button class="button" type="button" @click=${this.#copy}>
      <bn-icon name=${this.outcome === "copied" ? "check" : "copy"}></bn-icon>
      <span aria-live="polite">${this.outcome === undefined ? this.label : words[this.outcome]}</span>
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-copy": BnCopy;
  }
}
