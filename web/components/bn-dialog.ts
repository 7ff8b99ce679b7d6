import { css, html, LitElement, nothing, render, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import "./bn-icon.ts";

/** A modal dialog around its slot. `open()` resolves with what `close(outcome)` was given, or "" when dismissed. */
@customElement("bn-dialog")
export class BnDialog extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      dialog {
        width: min(520px, calc(100vw - 32px));
        max-height: calc(100dvh - 48px);
        padding: 0;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
        color: var(--ink);
        box-shadow: var(--shadow);
      }

      dialog::backdrop {
        background: var(--scrim);
      }

      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-4);
        padding: var(--space-4) var(--space-4) 0 var(--space-5);
      }

      h2 {
        font-size: var(--text-16);
      }

      .content {
        padding: var(--space-3) var(--space-5) var(--space-5);
      }
    `,
  ];

  @property() heading = "";
  #settle: (outcome: string) => void = () => {};

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  /** Shows the dialog; at most one answer comes. */
  async open(): Promise<string> {
    await this.updateComplete;
    const dialog = this.#dialog;
    if (dialog === null) return "";
    dialog.returnValue = "";
    dialog.showModal();
    // A form begins at its first field, not at the button that closes it.
    this.querySelector<HTMLElement>("input, select, textarea")?.focus();
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  close(outcome = ""): void {
    this.#dialog?.close(outcome);
  }

  protected override render(): unknown {
    return html`<dialog aria-label=${this.heading} @close=${() => this.#settle(this.#dialog?.returnValue ?? "")}>
      <div class="head">
        <h2>${this.heading}</h2>
        <button class="button quiet icon-only" type="button" aria-label="Close" @click=${() => this.close()}>
          <bn-icon name="close"></bn-icon>
        </button>
      </div>
      <div class="content"><slot></slot></div>
    </dialog>`;
  }
}

export interface Confirmation {
  heading: string;
  /** What follows from it, in a sentence. */
  consequence: string | TemplateResult;
  /** The verb on the button. */
  verb: string;
  /** Nothing is lost by it: it is asked so that it is known. */
  isHarmless?: boolean;
}

/** Asks before a step with consequences; true only when the reader pressed the named verb. */
export async function confirmStep({
  heading,
  consequence,
  verb,
  isHarmless = false,
}: Confirmation): Promise<boolean> {
  const host = document.createElement("div");
  document.body.append(host);
  const close = (outcome: string): void => host.querySelector("bn-dialog")?.close(outcome);
  render(
    html`<bn-dialog heading=${heading}>
      <bn-confirmation
        .consequence=${consequence}
        verb=${verb}
        ?harmless=${isHarmless}
        @answer=${(event: CustomEvent<string>) => close(event.detail)}
      ></bn-confirmation>
    </bn-dialog>`,
    host,
  );
  const outcome = await host.querySelector("bn-dialog")?.open();
  host.remove();
  return outcome === "confirmed";
}

/** The body of a confirmation. Fires `answer` with "confirmed" or "". */
@customElement("bn-confirmation")
export class BnConfirmation extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      p {
        color: var(--soft);
      }

      footer {
        display: flex;
        justify-content: flex-end;
        gap: var(--space-2);
        margin-top: var(--space-5);
      }
    `,
  ];

  @property({ attribute: false }) consequence: string | TemplateResult = "";
  @property() verb = "";
  @property({ type: Boolean }) harmless = false;

  #answer(outcome: string): void {
    this.dispatchEvent(new CustomEvent("answer", { detail: outcome }));
  }

  protected override render(): unknown {
    return html`
      <p>${this.consequence || nothing}</p>
      <footer>
        <button class="button" type="button" @click=${() => this.#answer("")}>Keep as it is</button>
        <button
          class=${this.harmless ? "button primary" : "button danger"}
          type="button"
          @click=${() => this.#answer("confirmed")}
        >
          ${this.verb}
        </button>
      </footer>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-dialog": BnDialog;
    "bn-confirmation": BnConfirmation;
  }
}
