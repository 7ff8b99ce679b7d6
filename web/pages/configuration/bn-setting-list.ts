import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import { Load } from "../../controllers/load.ts";
import type { Session } from "../../data/session.ts";
import {
  type Configuration,
  type ConfigurationStatus,
  type Edited,
  EXPORT_PATH,
  type Setting,
  type Settings,
} from "../../data/settings.ts";
import type { Toasts } from "../../data/toasts.ts";
import { savingStyles } from "../../styles/saving.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-configuration-status.ts";
import "./bn-review-dialog.ts";
import "./bn-setting-row.ts";
import { type Draft, draftProblems, type Entry, editOf, found, withEntry } from "./draft.ts";
import { settingListStyles } from "./setting-list-styles.ts";

interface Loaded {
  configuration: Configuration;
  status: ConfigurationStatus;
}

/** The settings in their sections, with what was typed and not saved yet. */
@customElement("bn-setting-list")
export class BnSettingList extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, savingStyles, settingListStyles];

  @property({ attribute: false }) settings: Settings | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property() search = "";
  @state() private draft: Draft = new Map();
  readonly #load = new Load<Loaded | undefined>(this, async () => {
    if (this.settings === undefined) return undefined;
    const [configuration, status] = await Promise.all([
      this.settings.configuration(),
      this.settings.status(),
    ]);
    return { configuration, status };
  });

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("beforeunload", this.#keepDraft);
    window.addEventListener("focus", this.#refresh);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("beforeunload", this.#keepDraft);
    window.removeEventListener("focus", this.#refresh);
  }

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  /** A file may have been edited while the reader was in their editor. */
  readonly #refresh = (): void => {
    if (this.draft.size === 0) void this.#load.run();
  };

  readonly #keepDraft = (event: BeforeUnloadEvent): void => {
    if (this.draft.size > 0) event.preventDefault();
  };

  #enter(setting: Setting, entry: Entry | undefined): void {
    this.draft = withEntry(this.draft, setting, entry);
  }

  async #review({ items, revision }: Configuration): Promise<void> {
    await this.renderRoot.querySelector("bn-review-dialog")?.open(editOf(this.draft, items), revision);
  }

  #saved({ changes, needsRestart }: Edited): void {
    const many = changes.length === 1 ? "1 setting is saved" : `${changes.length} settings are saved`;
    this.toasts?.say(
      needsRestart.length === 0 ? `${many} and in force` : `${many}; some wait for the next start`,
    );
    this.draft = new Map();
    void this.#load.run();
  }

  #searched(event: Event): void {
    if (!(event.target instanceof HTMLInputElement)) return;
    this.dispatchEvent(
      new CustomEvent("search", { detail: event.target.value, bubbles: true, composed: true }),
    );
  }

  #bar(configuration: Configuration, shown: number): unknown {
    const { items } = configuration;
    return html`<div class="bar">
      <input
        type="search"
        aria-label="Search settings"
        placeholder="Search ${items.length} settings"
        .value=${this.search}
        @input=${this.#searched}
      />
      <span class="soft" role="status">${this.search === "" ? "" : `${shown} found`}</span>
      <a class="button" href="${EXPORT_PATH}?format=yaml" download="binnacle.yaml"
        ><bn-icon name="download"></bn-icon>Export</a
      >
    </div>`;
  }

  #section(
    key: string,
    description: string,
    items: readonly Setting[],
    problems: ReadonlyMap<string, string>,
  ): unknown {
    const writable = this.session?.can("config:write") === true;
    return html`<section class="panel" id=${key} aria-label=${key}>
      <header>
        <h2>${description}</h2>
        <code class="faint">${key}</code>
      </header>
      ${items.map(
        (setting) =>
          html`<bn-setting-row
            .setting=${setting}
            .entry=${this.draft.get(setting.key)}
            .problem=${problems.get(setting.key)}
            ?writable=${writable && (setting.scope === undefined || this.session?.can(setting.scope) === true)}
            @entry=${(event: CustomEvent<Entry | undefined>) => this.#enter(setting, event.detail)}
          ></bn-setting-row>`,
      )}
    </section>`;
  }

  #saving(configuration: Configuration, problems: ReadonlyMap<string, string>): unknown {
    const { size } = this.draft;
    if (size === 0) return nothing;
    const wrong = problems.size === 1 ? "1 of them is not valid" : `${problems.size} of them are not valid`;
    return html`<div class="saving" role="region" aria-label="Unsaved changes">
      <span role="status"
        >${size === 1 ? "1 change" : `${size} changes`} not saved${problems.size === 0 ? "" : `; ${wrong}`}</span
      >
      <span class="row">
        <button class="button" type="button" @click=${() => this.#discard()}>Discard</button>
        <button
          class="button primary"
          type="button"
          ?disabled=${problems.size > 0}
          @click=${() => this.#review(configuration)}
        >
          Review and save
        </button>
      </span>
    </div>`;
  }

  #discard(): void {
    this.draft = new Map();
  }

  #sections({ sections, items }: Configuration, shown: readonly Setting[]): unknown {
    const problems = draftProblems(this.draft, items);
    return sections.map(({ key, description }) => {
      const within = shown.filter(({ section }) => section === key);
      return within.length === 0 ? nothing : this.#section(key, description, within, problems);
    });
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.value === undefined) return nothing;
    const { configuration, status } = state.value;
    const shown = found(configuration.items, this.search);
    const keys = new Set(shown.map(({ section }) => section));
    return html`
      <bn-configuration-status .status=${status}></bn-configuration-status>
      ${this.#bar(configuration, shown.length)}
      <div class="columns">
        <nav aria-label="Sections">
          ${configuration.sections
            .filter(({ key }) => keys.has(key))
            .map(
              ({ key, description }) =>
                html`<button type="button" title=${key} @click=${() => this.#goTo(key)}>${description}</button>`,
            )}
        </nav>
        <div class="stack">
          ${this.#sections(configuration, shown)}
          ${
            shown.length === 0
              ? html`<bn-empty
                  icon="search"
                  heading="No setting matches"
                  text="Search looks through keys, descriptions, values, origins and names of the environment."
                ></bn-empty>`
              : nothing
          }
        </div>
      </div>
      ${this.#saving(configuration, draftProblems(this.draft, configuration.items))}
      <bn-review-dialog
        .settings=${this.settings}
        @saved=${(event: CustomEvent<Edited>) => this.#saved(event.detail)}
        @conflict=${() => void this.#load.run()}
      ></bn-review-dialog>
    `;
  }

  #goTo(key: string): void {
    const section = this.renderRoot.querySelector(`#${CSS.escape(key)}`);
    section?.scrollIntoView({ block: "start" });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-setting-list": BnSettingList;
  }
}
