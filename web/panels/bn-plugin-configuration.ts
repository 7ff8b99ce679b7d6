import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/bn-dialog.ts";
import "../components/bn-empty.ts";
import "../components/bn-error.ts";
import "../components/bn-schema-form.ts";
import type { SchemaFormChange } from "../components/bn-schema-form.ts";
import { Action } from "../controllers/action.ts";
import type { Plugins } from "../data/plugins.ts";
import type { PluginConfig, PluginDetail } from "../data/plugins-types.ts";
import type { ApiProblem } from "../data/problem.ts";
import type { Session } from "../data/session.ts";
import type { Toasts } from "../data/toasts.ts";
import { foreignText, foreignValue } from "../lib/foreign-text.ts";
import { changesBetween, type JsonChange, pointerFrom } from "../lib/json-path.ts";
import { savingStyles } from "../styles/saving.ts";
import { baseStyles, controlStyles, layoutStyles } from "../styles/shared.ts";
import { dialogFormStyles } from "./dialog-styles.ts";
import { configurationStyles } from "./plugin-configuration-styles.ts";

const MAX_SHOWN = 120;

/** The settings of a plugin, as its own schema describes them: checked here as one types, by the server on saving. Fires `done`. */
@customElement("bn-plugin-configuration")
export class BnPluginConfiguration extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    dialogFormStyles,
    savingStyles,
    configurationStyles,
  ];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) plugin: PluginDetail | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  /** What the fields say; undefined while nothing was changed. */
  @state() private draft: Record<string, unknown> | undefined;
  /** What the draft was made upon: what is shown may be newer by now. */
  #revision: string | undefined;
  @state() private refusals: ReadonlyMap<string, string> = new Map();
  @state() private hasProblems = false;
  readonly #save = new Action(this);

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("plugin");
    if (before !== undefined && before.id !== this.plugin?.id) this.#forget();
  }

  #forget(): void {
    this.draft = undefined;
    this.#revision = undefined;
    this.refusals = new Map();
    this.hasProblems = false;
    this.#save.clear();
    this.renderRoot.querySelector("bn-schema-form")?.reset();
  }

  #changed({ detail }: CustomEvent<SchemaFormChange>): void {
    this.#revision ??= this.plugin?.config?.revision;
    this.draft = detail.values;
    this.hasProblems = detail.problems.size > 0;
  }

  get #changes(): JsonChange[] {
    const values = this.plugin?.config?.values ?? {};
    return this.draft === undefined ? [] : changesBetween(values, this.draft);
  }

  async #review(): Promise<void> {
    this.#revision ??= this.plugin?.config?.revision;
    if (this.#changes.length === 0) return;
    const form = this.renderRoot.querySelector("bn-schema-form");
    if (form !== null && form.problems.size > 0) {
      await form.reveal();
      return;
    }
    await this.#dialog?.open();
  }

  get #dialog() {
    return this.renderRoot.querySelector("bn-dialog");
  }

  async #store(): Promise<void> {
    const { plugins, plugin, draft } = this;
    if (plugins === undefined || plugin === undefined || draft === undefined) return;
    const isDone = await this.#save.run(async () => {
      await plugins.configure(plugin.id, draft, this.#revision);
    });
    this.#dialog?.close();
    if (isDone) {
      this.#forget();
      this.toasts?.say(`The configuration of ${foreignText(plugin.id)} is saved`);
      this.dispatchEvent(new Event("done"));
      return;
    }
    if (this.#save.problem?.code === "revision_conflict") {
      // What stands there now is fetched; the draft is reviewed against it before it is saved again.
      this.#revision = undefined;
      this.dispatchEvent(new Event("done"));
      return;
    }
    this.refusals = refusalsOf(this.#save.problem);
    const form = this.renderRoot.querySelector("bn-schema-form");
    form?.reset();
    if (this.refusals.size > 0) await form?.reveal();
  }

  /** `secrets`: pointer → whether something is stored there. */
  #change({ pointer, before, after }: JsonChange, secrets: ReadonlyMap<string, boolean>): unknown {
    const isSecret = secrets.has(pointer);
    const words = (value: unknown): string => {
      if (value === undefined) return "not set";
      if (isSecret) return value === null ? "removed" : "a new value";
      return value === "" ? "empty" : foreignValue(value, MAX_SHOWN);
    };
    return html`<li>
      <code>${foreignText(pointer.slice(1).replaceAll("/", "."))}</code>
      <span class="values">
        <del><span class="unseen">before: </span>${secrets.get(pointer) === true ? "what is stored" : words(before)}</del>
        <span aria-hidden="true">→</span>
        <ins><span class="unseen">after: </span>${words(after)}</ins>
      </span>
    </li>`;
  }

  #reviewDialog({ secrets }: PluginConfig): unknown {
    const secretPointers = new Map(secrets.map(({ path, isSet }) => [pointerFrom(path), isSet]));
    const changes = this.#changes;
    return html`<bn-dialog heading=${changes.length === 1 ? "Save 1 change?" : `Save ${changes.length} changes?`}>
      <div class="done">
        <ul class="changes">
          ${changes.map((change) => this.#change(change, secretPointers))}
        </ul>
        <p class="soft">The plugin is told at once; calls under way finish with what was set before.</p>
        <footer>
          <button class="button" type="button" @click=${() => this.#dialog?.close()}>Go on editing</button>
          <button class="button primary" type="button" ?disabled=${this.#save.isBusy} @click=${() => void this.#store()}>
            Save
          </button>
        </footer>
      </div>
    </bn-dialog>`;
  }

  #form(config: PluginConfig): unknown {
    const { draft, refusals } = this;
    const canWrite = this.session?.can("plugins:write") === true;
    const locks = new Map(config.locked.map(({ path, origin }) => [pointerFrom(path), origin]));
    const kept = new Set(config.secrets.filter(({ isSet }) => isSet).map(({ path }) => pointerFrom(path)));
    const { problem } = this.#save;
    const isTold = problem !== undefined && refusals.size === 0;
    const count = this.#changes.length;
    return html`<section class="panel" aria-labelledby="configuration">
        <header>
          <h2 id="configuration">Configuration</h2>
          <span class="faint">As the plugin's own schema asks for it</span>
        </header>
        ${isTold ? html`<bn-error .problem=${problem}></bn-error>` : nothing}
        <div class="content">
          <bn-schema-form
            .schema=${config.schema}
            .values=${draft ?? config.values}
            .locks=${locks}
            .kept=${kept}
            .refusals=${refusals}
            @change=${this.#changed}
            @confirm=${() => void this.#review()}
          ></bn-schema-form>
        </div>
      </section>
      ${
        count === 0 || !canWrite
          ? nothing
          : html`<div class="saving" role="status">
              <span
                >${count === 1 ? "1 change" : `${count} changes`} not saved${this.hasProblems ? html` · <span class="error">something is not right yet</span>` : nothing}</span
              >
              <div class="row">
                <button class="button" type="button" @click=${this.#forget}>Take back</button>
                <button class="button primary" type="button" @click=${() => void this.#review()}>Review and save</button>
              </div>
            </div>`
      }
      ${this.#reviewDialog(config)}`;
  }

  protected override render(): unknown {
    const config = this.plugin?.config;
    if (config === null || config === undefined)
      return html`<section class="panel">
        <bn-empty icon="lock" heading="You may not see its configuration" text="It may hold what only those who run plugins should know. Ask an administrator for the right plugins:write."></bn-empty>
      </section>`;
    if (config.schema === null)
      return html`<section class="panel">
        <bn-empty
          icon="sliders"
          heading="There is nothing to set"
          text="A plugin that has settings describes them as JSON Schema under config in its plugin.json; the form appears here by itself."
        ></bn-empty>
      </section>`;
    return this.#form(config);
  }
}

/** The server's findings by field. */
const refusalsOf = (problem: ApiProblem | undefined): ReadonlyMap<string, string> =>
  new Map(
    (problem?.errors ?? []).map(({ path, message }) => [
      pointerFrom(path.replace(/^[/.]?body(?=[/.])/, ""), "values"),
      message,
    ]),
  );

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-configuration": BnPluginConfiguration;
  }
}
