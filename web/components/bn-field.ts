import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { baseStyles } from "../styles/shared.ts";

const DESCRIBING = ["label", "help", "error", "refusal"];

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
  /** What the browser itself found wrong at the last attempt to submit. */
  @state() private refusal: string | undefined;

  constructor() {
    super();
    // Neither event of a control bubbles from where its form is checked, so they are caught on their way down.
    this.addEventListener("invalid", this.#refuse, { capture: true });
    this.addEventListener("input", this.#relent);
    this.addEventListener("change", this.#relent);
  }

  /** In words beside the field, in place of the browser's own bubble; the first such field takes the focus. */
  readonly #refuse = (event: Event): void => {
    const { target } = event;
    if (!isControl(target)) return;
    event.preventDefault();
    this.refusal = refusalOf(target);
    if (target.form?.querySelector(":invalid:not(fieldset)") === target) target.focus();
  };

  readonly #relent = ({ target }: Event): void => {
    if (this.refusal === undefined || !isControl(target)) return;
    this.refusal = target.validity.valid ? undefined : refusalOf(target);
  };

  /** The server's messages are predicates ("must not be empty"): the label is their subject. */
  get #errorSentence(): string | undefined {
    const error = this.refusal ?? this.error;
    return error !== undefined && /^[a-z]/.test(error) ? `${this.label} ${error}` : error;
  }

  #control(): HTMLElement | undefined {
    return [...this.children].find((child): child is HTMLElement => child instanceof HTMLElement);
  }

  protected override updated(changed: PropertyValues): void {
    if (DESCRIBING.some((name) => changed.has(name))) this.#describe();
  }

  /** The label lies in another tree than the control, so its words are handed over as attributes. */
  #describe(): void {
    const control = this.#control();
    if (control === undefined) return;
    control.setAttribute("aria-label", this.label);
    control.setAttribute("aria-description", this.#errorSentence ?? this.help);
    control.setAttribute("aria-invalid", String(this.#errorSentence !== undefined));
  }

  protected override render(): unknown {
    return html`
      <span class="label" aria-hidden="true" @click=${() => this.#control()?.focus()}>${this.label}</span>
      <slot @slotchange=${this.#describe}></slot>
      ${
        this.#errorSentence === undefined
          ? this.help === ""
            ? nothing
            : html`<span class="help">${this.help}</span>`
          : html`<span class="error" role="alert">${this.#errorSentence}</span>`
      }
    `;
  }
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const isControl = (target: EventTarget | null): target is Control =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLTextAreaElement;

/** A predicate of the label; for what has no words here, the browser's own. */
function refusalOf(control: Control): string {
  const { validity, validationMessage } = control;
  if (validity.valueMissing) return "must not be empty";
  if (validity.tooShort && "minLength" in control)
    return `must have at least ${control.minLength} characters`;
  if (validity.typeMismatch && control.type === "url")
    return "must be an address, such as https://example.com";
  if (validity.typeMismatch && control.type === "email") return "must be an e-mail address";
  return validationMessage;
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
