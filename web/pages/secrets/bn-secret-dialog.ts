import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-dialog.ts";
import "../../components/bn-field.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import type { Secret, SecretVault } from "../../data/secrets.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const NAME_PATTERN = "[A-Z][A-Z0-9_]{0,63}";

/** Stores a secret, or gives one a new value. What is typed is never shown again. Fires `stored` (CustomEvent<string>). */
@customElement("bn-secret-dialog")
export class BnSecretDialog extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    dialogFormStyles,
    css`
      textarea {
        min-height: 84px;
        padding: var(--space-2) var(--space-3);
        font-family: var(--font-mono);
        font-size: var(--text-13);
        resize: vertical;
        -webkit-text-security: disc;
      }
    `,
  ];

  @property({ attribute: false }) vault: SecretVault | undefined;
  /** The one that gets a new value; undefined for a new one. */
  @state() private known: Secret | undefined;
  @state() private problem: ApiProblem | undefined;
  @state() private isBusy = false;

  async open(known?: Secret): Promise<void> {
    this.known = known;
    this.problem = undefined;
    await this.updateComplete;
    const form = this.renderRoot.querySelector("form");
    form?.reset();
    await this.renderRoot.querySelector("bn-dialog")?.open();
    // What was typed does not outlive the dialog.
    form?.reset();
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.vault === undefined || this.isBusy) return;
    const fields = new FormData(event.target);
    const name = this.known?.name ?? String(fields.get("name")).trim();
    this.isBusy = true;
    this.problem = undefined;
    try {
      await this.vault.set(name, {
        value: String(fields.get("value")),
        description: String(fields.get("description")),
      });
      this.#close();
      this.dispatchEvent(new CustomEvent("stored", { detail: name }));
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  #capitalise(event: InputEvent): void {
    if (!(event.target instanceof HTMLInputElement)) return;
    const at = event.target.selectionStart;
    event.target.value = event.target.value.toUpperCase().replace(/[\s-]/g, "_");
    event.target.setSelectionRange(at, at);
  }

  protected override render(): unknown {
    const { known, problem } = this;
    return html`<bn-dialog heading=${known === undefined ? "Add a secret" : `New value for ${known.name}`}>
      <form @submit=${this.#submit} autocomplete="off">
        ${
          problem === undefined || problem.errors.length > 0
            ? nothing
            : html`<div class="problem" role="alert">${problem.detail}</div>`
        }
        ${
          known === undefined
            ? html`<bn-field
                label="Name"
                help="Capital letters, digits and _, as environment variables are written"
                .error=${problem?.messageFor("name")}
                ><input
                  class="mono"
                  name="name"
                  placeholder="SMTP_PASSWORD"
                  required
                  pattern=${NAME_PATTERN}
                  maxlength="64"
                  autocomplete="off"
                  spellcheck="false"
                  @input=${this.#capitalise}
              /></bn-field>`
            : nothing
        }
        <bn-field
          label="Value"
          help="At most 64 KiB. It is encrypted and never shown again, not even here"
          .error=${problem?.messageFor("value")}
          ><textarea name="value" required autocomplete="off" autocapitalize="none" spellcheck="false"></textarea>
        </bn-field>
        <bn-field label="Description" help="What it is, and who gave it to you" .error=${problem?.messageFor("description")}
          ><input name="description" maxlength="500" autocomplete="off" .defaultValue=${known?.description ?? ""}
        /></bn-field>
        <footer>
          <button class="button" type="button" @click=${this.#close}>Cancel</button>
          <button class="button primary" type="submit" ?disabled=${this.isBusy}>
            ${known === undefined ? "Store secret" : "Store new value"}
          </button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-secret-dialog": BnSecretDialog;
  }
}
