import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/bn-copy.ts";
import "../components/bn-dialog.ts";
import "../components/bn-field.ts";
import { type ApiProblem, asProblem } from "../data/problem.ts";
import type { SecretVault } from "../data/secrets.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import { dialogFormStyles } from "./dialog-styles.ts";

const ENDING_LENGTH = 4;

/** Makes a recovery key, shows it once, and asks for its ending as the sign that it is kept. Fires `confirmed`, `failed` (CustomEvent<unknown>). */
@customElement("bn-recovery-key")
export class BnRecoveryKey extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    dialogFormStyles,
    css`
      .secret {
        letter-spacing: 0.03em;
        line-height: 1.8;
        text-align: center;
        text-wrap: balance;
      }

      p {
        color: var(--soft);
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) vault: SecretVault | undefined;
  /** Not shown again once confirmed: only its ending is asked for. */
  @state() private key: string | undefined;
  @state() private problem: ApiProblem | undefined;
  @state() private isBusy = false;

  /** Makes a new one and shows it; settles when the reader has closed it. Fires `failed` when none could be made. */
  async make(): Promise<void> {
    this.problem = undefined;
    try {
      this.key = await this.vault?.createRecoveryKey();
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
      return;
    }
    await this.#show();
  }

  /** Asks only for the ending of the one that was shown before. */
  async confirm(): Promise<void> {
    this.problem = undefined;
    this.key = undefined;
    await this.#show();
  }

  async #show(): Promise<void> {
    this.renderRoot.querySelector("form")?.reset();
    await this.updateComplete;
    await this.renderRoot.querySelector("bn-dialog")?.open();
    this.key = undefined;
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.isBusy) return;
    const ending = String(new FormData(event.target).get("ending"));
    this.isBusy = true;
    this.problem = undefined;
    try {
      await this.vault?.confirmRecoveryKey(ending);
      this.#close();
      this.dispatchEvent(new Event("confirmed"));
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
    const { key } = this;
    return html`<bn-dialog heading=${key === undefined ? "Confirm the recovery key" : "Keep this recovery key"}>
      <form @submit=${this.#submit} autocomplete="off">
        ${
          key === undefined
            ? html`<p>Take out the recovery key where it is kept, and repeat its last group.</p>`
            : html`<p>
                  It opens the secrets when the key file of this server is lost. It is shown this once, and any recovery
                  key before it opens nothing any more: print it, or put it into a password manager that does not stand
                  on this server.
                </p>
                <div class="secret" tabindex="0" role="textbox" aria-readonly="true" aria-label="Recovery key">${key}</div>
                <div><bn-copy label="Copy recovery key" .text=${key}></bn-copy></div>`
        }
        <bn-field
          label="Its last four characters"
          help="Repeated from where you keep it, they show that it is kept"
          .error=${this.problem?.detail}
          ><input
            class="mono"
            name="ending"
            required
            minlength=${ENDING_LENGTH}
            maxlength=${ENDING_LENGTH}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck="false"
        /></bn-field>
        <footer>
          <button class="button" type="button" @click=${this.#close}>${key === undefined ? "Cancel" : "Later"}</button>
          <button class="button primary" type="submit" ?disabled=${this.isBusy}>It is kept safely</button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-recovery-key": BnRecoveryKey;
  }
}
