import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-dialog.ts";
import "../../components/bn-field.ts";
import type { Events } from "../../data/events.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const FIRST_TYPE = "test.ping";
const FIRST_PAYLOAD = '{\n  "hello": "Binnacle"\n}';

/** Publishes one event by hand, to see who hears it. Fires `published` (CustomEvent<string>, its type). */
@customElement("bn-publish-dialog")
export class BnPublishDialog extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    dialogFormStyles,
    css`
      textarea {
        min-height: 140px;
        padding: var(--space-3);
        font-family: var(--font-mono);
        font-size: var(--text-13);
        resize: vertical;
      }
    `,
  ];

  @property({ attribute: false }) events: Events | undefined;
  @state() private problem: ApiProblem | undefined;
  @state() private payloadError: string | undefined;
  @state() private isBusy = false;

  async open(): Promise<void> {
    this.problem = undefined;
    this.payloadError = undefined;
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  #check(event: Event): void {
    if (event.target instanceof HTMLTextAreaElement) this.payloadError = jsonError(event.target.value);
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.events === undefined || this.isBusy) return;
    const fields = new FormData(event.target);
    const [type, payload] = [String(fields.get("type")).trim(), String(fields.get("payload"))];
    this.payloadError = jsonError(payload);
    if (this.payloadError !== undefined) return;
    this.isBusy = true;
    this.problem = undefined;
    try {
      await this.events.publish({ type, payload: JSON.parse(payload) });
      this.#close();
      this.dispatchEvent(new CustomEvent("published", { detail: type }));
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  protected override render(): unknown {
    return html`<bn-dialog heading="Publish a test event">
      <form @submit=${this.#submit}>
        ${this.problem === undefined ? nothing : html`<div class="problem" role="alert">${this.problem.detail}</div>`}
        <bn-field label="Type" help="Lower-case words joined by dots"
          ><input name="type" required maxlength="100" autocomplete="off" spellcheck="false" value=${FIRST_TYPE}
        /></bn-field>
        <bn-field label="Payload" help="Any JSON" .error=${this.payloadError}
          ><textarea name="payload" spellcheck="false" maxlength="65536" @input=${this.#check}>${FIRST_PAYLOAD}</textarea></bn-field
        >
        <footer>
          <button class="button" type="button" @click=${this.#close}>Cancel</button>
          <button class="button primary" type="submit" ?disabled=${this.isBusy}>Publish</button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

/** Why a text is no JSON; undefined when it is. */
export function jsonError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-publish-dialog": BnPublishDialog;
  }
}
