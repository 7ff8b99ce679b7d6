import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-error.ts";
import "../../components/bn-schema-form.ts";
import type { SchemaFormChange } from "../../components/bn-schema-form.ts";
import type { ApiProblem } from "../../data/problem.ts";
import { pointerFrom } from "../../lib/json-path.ts";
import type { SchemaProblems } from "../../lib/schema-check.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";

const NOTHING_WRONG: SchemaProblems = new Map();

/**
 * The editor of something that is set up: its form, what the server refused beside the field it refused, and saving.
 * Fires `change` (CustomEvent<SchemaFormChange>), `save` when all fields are right, and `cancel`.
 */
@customElement("bn-definition-form")
export class BnDefinitionForm extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      .content {
        padding: var(--space-4);
      }

      footer {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: var(--space-2);
        padding: var(--space-3) var(--space-4);
        border-top: 1px solid var(--line);
      }
    `,
  ];

  @property() heading = "";
  @property({ attribute: false }) schema: unknown;
  @property({ attribute: false }) values: Record<string, unknown> = {};
  @property({ attribute: false }) judge: (values: unknown) => SchemaProblems = () => NOTHING_WRONG;
  /** Where a place of what is saved stands in the form. */
  @property({ attribute: false }) fieldOf: (pointer: string) => string = (pointer) => pointer;
  /** Why the last attempt to save failed. */
  @property({ attribute: false }) problem: ApiProblem | undefined;
  @property({ type: Boolean }) busy = false;
  @property({ type: Boolean, attribute: "read-only" }) readOnly = false;
  @state() private hasChanged = false;

  /** The next values are a new beginning. */
  reset(): void {
    this.hasChanged = false;
    this.renderRoot.querySelector("bn-schema-form")?.reset();
  }

  #changed(event: CustomEvent<SchemaFormChange>): void {
    this.hasChanged = true;
    this.dispatchEvent(new CustomEvent("change", { detail: event.detail }));
  }

  async #save(): Promise<void> {
    if (this.readOnly || this.busy) return;
    const form = this.renderRoot.querySelector("bn-schema-form");
    if (form !== null && form.problems.size > 0) {
      await form.reveal();
      return;
    }
    form?.reset();
    this.dispatchEvent(new Event("save"));
  }

  get #refusals(): ReadonlyMap<string, string> {
    return new Map(
      (this.problem?.errors ?? []).map(({ path, message }) => [
        this.fieldOf(pointerFrom(path.replace(/^[/.]?body(?=[/.])/, ""))),
        message,
      ]),
    );
  }

  protected override render(): unknown {
    const { problem } = this;
    const refusals = this.#refusals;
    return html`<section class="panel" aria-labelledby="form">
      <header><h2 id="form">${this.heading}</h2></header>
      ${problem === undefined || refusals.size > 0 ? nothing : html`<bn-error .problem=${problem}></bn-error>`}
      <div class="content">
        <bn-schema-form
          .schema=${this.schema}
          .values=${this.values}
          .judge=${this.judge}
          .refusals=${refusals}
          @change=${this.#changed}
          @confirm=${() => void this.#save()}
        ></bn-schema-form>
        <slot></slot>
      </div>
      ${
        this.readOnly
          ? nothing
          : html`<footer>
            <button class="button" type="button" @click=${() => this.dispatchEvent(new Event("cancel"))}>
              ${this.hasChanged ? "Discard changes" : "Close"}
            </button>
            <button class="button primary" type="button" ?disabled=${this.busy} @click=${() => void this.#save()}>Save</button>
          </footer>`
      }
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-definition-form": BnDefinitionForm;
  }
}
