import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/bn-copy.ts";
import "../components/bn-dialog.ts";
import "../components/bn-field.ts";
import type { People } from "../data/people.ts";
import { type ApiProblem, asProblem } from "../data/problem.ts";
import type { Session } from "../data/session.ts";
import type { CreatedToken } from "../data/types.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import { dialogFormStyles } from "./dialog-styles.ts";
import { chosenScopes, scopeChoices, scopeStyles } from "./scope-choices.ts";

const EXPIRY_CHOICES = [
  { days: "7", label: "7 days" },
  { days: "30", label: "30 days" },
  { days: "90", label: "90 days" },
  { days: "365", label: "1 year" },
  { days: "", label: "Never" },
] as const;
const DEFAULT_DAYS = "90";

/** Makes a token: name, what it may do, when it ends; then shows its secret the only time. Fires `created`. */
@customElement("bn-token-dialog")
export class BnTokenDialog extends LitElement {
  static override styles = [baseStyles, controlStyles, dialogFormStyles, scopeStyles];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @state() private created: CreatedToken | undefined;
  @state() private problem: ApiProblem | undefined;
  @state() private isScopeMissing = false;
  @state() private isBusy = false;

  async open(): Promise<void> {
    this.created = undefined;
    this.problem = undefined;
    this.isScopeMissing = false;
    this.renderRoot.querySelector("form")?.reset();
    await this.renderRoot.querySelector("bn-dialog")?.open();
    // The secret does not outlive the dialog.
    this.created = undefined;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.people === undefined || this.isBusy) return;
    const fields = new FormData(event.target);
    const scopes = chosenScopes(fields);
    this.isScopeMissing = scopes.length === 0;
    if (this.isScopeMissing) return;
    const days = String(fields.get("expiry"));
    this.isBusy = true;
    this.problem = undefined;
    try {
      this.created = await this.people.createToken({
        name: String(fields.get("name")).trim(),
        scopes,
        expiresInDays: days === "" ? null : Number(days),
      });
      this.dispatchEvent(new Event("created"));
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  protected override render(): unknown {
    return html`<bn-dialog heading=${this.created === undefined ? "Create a token" : "Copy your token now"}>
      ${this.created === undefined ? this.#form() : this.#secret(this.created)}
    </bn-dialog>`;
  }

  #secret(created: CreatedToken): unknown {
    return html`<div class="done">
      <p class="soft">It is shown this once. Only a fingerprint of it is kept, so nobody can look it up again.</p>
      <div class="secret" tabindex="0" role="textbox" aria-readonly="true" aria-label="Token">${created.token}</div>
      <footer>
        <bn-copy label="Copy token" .text=${created.token}></bn-copy>
        <button class="button primary" type="button" @click=${this.#close}>I have it</button>
      </footer>
    </div>`;
  }

  #form(): unknown {
    return html`<form @submit=${this.#submit}>
      ${this.problem === undefined ? nothing : html`<div class="problem" role="alert">${this.problem.detail}</div>`}
      <bn-field label="Name" help="What uses it: you will look for this later" .error=${this.problem?.messageFor("name")}
        ><input name="name" required maxlength="100" autocomplete="off"
      /></bn-field>
      <fieldset>
        <legend>What it may do</legend>
        ${scopeChoices(this.session)}
        ${this.isScopeMissing ? html`<p class="error" role="alert">Choose at least one thing it may do.</p>` : nothing}
      </fieldset>
      <bn-field label="Ends after" help="A token that ends by itself cannot be forgotten"
        ><select name="expiry">
          ${EXPIRY_CHOICES.map(
            ({ days, label }) =>
              html`<option value=${days} ?selected=${days === DEFAULT_DAYS}>${label}</option>`,
          )}
        </select></bn-field
      >
      <footer>
        <button class="button" type="button" @click=${this.#close}>Cancel</button>
        <button class="button primary" type="submit" ?disabled=${this.isBusy}>Create token</button>
      </footer>
    </form>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-token-dialog": BnTokenDialog;
  }
}
