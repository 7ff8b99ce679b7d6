import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-dialog.ts";
import "../../components/bn-field.ts";
import "../../components/bn-skeleton.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import type { Edit, Edited, Proposal, Settings } from "../../data/settings.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import "./bn-change-table.ts";

const NOTE_MAX_LENGTH = 500;

/** Shows what an edit would change, as the server sees it, and saves it. Fires `saved` (CustomEvent<Edited>). */
@customElement("bn-review-dialog")
export class BnReviewDialog extends LitElement {
  static override styles = [baseStyles, controlStyles, dialogFormStyles];

  @property({ attribute: false }) settings: Settings | undefined;
  @state() private proposal: Proposal | undefined;
  @state() private problem: ApiProblem | undefined;
  @state() private isBusy = false;
  #edit: Edit = { set: {}, unset: [] };
  #revision = 0;

  /** @param revision what the reader has seen: when another change came between, saving is refused. */
  async open(edit: Edit, revision: number): Promise<void> {
    this.#edit = edit;
    this.#revision = revision;
    this.proposal = undefined;
    this.problem = undefined;
    const closed = this.renderRoot.querySelector("bn-dialog")?.open();
    try {
      this.proposal = await this.settings?.propose(edit);
    } catch (error) {
      this.problem = asProblem(error);
    }
    await closed;
  }

  async #save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.isBusy || this.settings === undefined) return;
    const note = String(new FormData(event.target).get("note")).trim();
    this.isBusy = true;
    this.problem = undefined;
    try {
      const terms = { expectedRevision: this.#revision, ...(note === "" ? {} : { note }) };
      const edited = await this.settings.change(this.#edit, terms);
      this.#close();
      this.dispatchEvent(new CustomEvent<Edited>("saved", { detail: edited }));
    } catch (error) {
      this.problem = asProblem(error);
      if (this.problem.code === "revision_conflict") this.dispatchEvent(new Event("conflict"));
    } finally {
      this.isBusy = false;
    }
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  #proposed(): unknown {
    const { proposal, problem } = this;
    if (proposal === undefined)
      return problem === undefined ? html`<bn-skeleton shape="block"></bn-skeleton>` : nothing;
    const { changes, shadowed, problems } = proposal;
    if (problems.length > 0)
      return html`<div class="problem" role="alert">
        ${problems.map(({ path, message }) => html`<p><code>${path}</code>: ${message}</p>`)}
      </div>`;
    return html`
      ${
        changes.length === 0
          ? html`<p class="soft">Nothing that is in force would change.</p>`
          : html`<bn-change-table .changes=${changes}></bn-change-table>`
      }
      ${shadowed.map(({ key, reason }) => html`<p class="soft"><code>${key}</code> has no effect: ${reason}</p>`)}
    `;
  }

  protected override render(): unknown {
    const canSave = this.proposal !== undefined && this.proposal.problems.length === 0 && !this.isBusy;
    return html`<bn-dialog heading="Review your changes">
      <form @submit=${this.#save} autocomplete="off">
        ${this.problem === undefined ? nothing : html`<div class="problem" role="alert">${this.problem.detail}</div>`}
        ${this.#proposed()}
        <bn-field label="Note" help="Why, for the history; may stay empty"
          ><input name="note" maxlength=${NOTE_MAX_LENGTH}
        /></bn-field>
        <footer>
          <button class="button" type="button" @click=${this.#close}>Go on editing</button>
          <button class="button primary" type="submit" ?disabled=${!canSave}>Save changes</button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-review-dialog": BnReviewDialog;
  }
}
