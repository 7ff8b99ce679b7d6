import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-dialog.ts";
import "../../components/bn-error.ts";
import "../../components/bn-field.ts";
import { Action } from "../../controllers/action.ts";
import { nameOf, pluginHref } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const MAX_ID_LENGTH = 64;
const MAX_NAME_LENGTH = 100;

/** Makes a second plugin of the same code, such as another target of the same service. Fires `copied`. */
@customElement("bn-copy-plugin-dialog")
export class BnCopyPluginDialog extends LitElement {
  static override styles = [baseStyles, controlStyles, dialogFormStyles];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @state() private original: Plugin | undefined;
  @state() private made: Plugin | undefined;
  readonly #copy = new Action(this);

  async open(original: Plugin): Promise<void> {
    this.original = original;
    this.made = undefined;
    this.#copy.clear();
    await this.updateComplete;
    this.renderRoot.querySelector("form")?.reset();
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { plugins, original } = this;
    if (!(event.target instanceof HTMLFormElement) || plugins === undefined || original === undefined) return;
    const fields = new FormData(event.target);
    const name = String(fields.get("name")).trim();
    await this.#copy.run(async () => {
      const id = String(fields.get("id")).trim();
      this.made = await plugins.copy(original.id, { id, ...(name === "" ? {} : { name }) });
      this.dispatchEvent(new Event("copied"));
    });
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  #form(original: Plugin): unknown {
    const { problem, isBusy } = this.#copy;
    const hasPlace = problem !== undefined && problem.errors.length > 0;
    return html`<form @submit=${this.#submit} autocomplete="off">
      <p class="soft">
        The copy has a configuration, permissions and a log of its own: with it, <bdi>${nameOf(original)}</bdi> serves a second
        target. Nothing of the first one's settings is copied.
      </p>
      ${problem === undefined || hasPlace ? nothing : html`<bn-error .problem=${problem}></bn-error>`}
      <bn-field
        label="Id"
        help="Lower-case letters, digits, - and _, such as ${original.id}-dev; it stays as it is"
        .error=${problem?.messageFor("id")}
        ><input
          name="id"
          autocapitalize="none"
          spellcheck="false"
          required
          maxlength=${MAX_ID_LENGTH}
          pattern="[a-z0-9][a-z0-9_\\-]*"
      /></bn-field>
      <bn-field label="Name" help="Made of the id when it is empty" .error=${problem?.messageFor("name")}
        ><input name="name" maxlength=${MAX_NAME_LENGTH}
      /></bn-field>
      <footer>
        <button class="button" type="button" @click=${this.#close}>Cancel</button>
        <button class="button primary" type="submit" ?disabled=${isBusy}>Make a copy</button>
      </footer>
    </form>`;
  }

  #outcome(made: Plugin): unknown {
    return html`<div class="done">
      <p><b><bdi>${nameOf(made)}</bdi></b> is there.</p>
      <p class="soft">
        ${
          made.needsApproval
            ? "Say where it leads, then look at what it asks for and approve it: before that it does nothing."
            : "Configure it as you need it."
        }
      </p>
      <footer>
        <button class="button" type="button" @click=${this.#close}>Later</button>
        <a class="button primary" href=${pluginHref(made.id, "configuration")} @click=${this.#close}>Configure it</a>
      </footer>
    </div>`;
  }

  protected override render(): unknown {
    const { original, made } = this;
    return html`<bn-dialog heading=${original === undefined ? "Copy a plugin" : `Copy ${nameOf(original)}`}
      >${original === undefined ? nothing : made === undefined ? this.#form(original) : this.#outcome(made)}</bn-dialog
    >`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-copy-plugin-dialog": BnCopyPluginDialog;
  }
}
