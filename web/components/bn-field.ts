import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { baseStyles } from "../styles/shared.ts";

/**
 * Label above, help below, the error in words beside one native control in the slot. The control stays in
 * the page's own form, so that submitting, autofill and password managers work as everywhere.
 */
@customElement("bn-field")
export class BnField extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-1);
        min-width: 0;
      }

      .label {
        font-size: var(--text-13);
        font-weight: 500;
      }

      .help,
      .error {
        font-size: var(--text-12);
      }

      .help {
        color: var(--faint);
      }

      .error {
        color: var(--alarm);
      }
    `,
  ];

  @property() label = "";
  @property() help = "";
  @property({ attribute: false }) error: string | undefined;

  /** The server's messages are predicates ("must not be empty"): the label is their subject. */
  get #errorSentence(): string | undefined {
    const { error } = this;
    return error !== undefined && /^[a-z]/.test(error) ? `${this.label} ${error}` : error;
  }

  #control(): HTMLElement | undefined {
    return [...this.children].find((child): child is HTMLElement => child instanceof HTMLElement);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("label") || changed.has("help") || changed.has("error")) this.#describe();
  }

  /** The label lies in another tree than the control, so its words are handed over as attributes. */
  #describe(): void {
    const control = this.#control();
    if (control === undefined) return;
    control.setAttribute("aria-label", this.label);
    control.setAttribute("aria-description", this.#errorSentence ?? this.help);
    control.setAttribute("aria-invalid", String(this.error !== undefined));
  }

  protected override render(): unknown {
    return html`
      <span class="label" aria-hidden="true" @click=${() => this.#control()?.focus()}>${this.label}</span>
      <slot @slotchange=${this.#describe}></slot>
      ${
        this.error === undefined
          ? this.help === ""
            ? nothing
            : html`<span class="help">${this.help}</span>`
          : html`<span class="error" role="alert">${this.#errorSentence}</span>`
      }
    `;
  }
}

/** Puts the focus on the first field: its slotted control takes it only once the field around it is drawn. */
export async function focusFirstField(root: ParentNode): Promise<void> {
  const field = root.querySelector("bn-field");
  await field?.updateComplete;
  field?.querySelector<HTMLElement>("input, select, textarea")?.focus();
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-field": BnField;
  }
}
