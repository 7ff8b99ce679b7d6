import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type Preferences, THEMES, UNIT_SYSTEMS } from "../../../schema/rules/preferences.ts";
import { Observe } from "../../controllers/observe.ts";
import type { PersonalPreferences } from "../../data/preferences.ts";
import { asProblem } from "../../data/problem.ts";
import type { Toasts } from "../../data/toasts.ts";
import { formatExact } from "../../lib/format.ts";
import { lineStyles } from "../../styles/line.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const THEME_WORDS = { system: "As the system", dark: "Dark", light: "Light" } as const;
const UNIT_WORDS = { binary: "KiB of 1,024 bytes", decimal: "kB of 1,000 bytes" } as const;

/** A page that the dashboard can open with. */
export interface StartPage {
  label: string;
  href: string;
}

/** Theme, time zone, units and start page of whoever is signed in; each counts as soon as it is chosen. */
@customElement("bn-preference-list")
export class BnPreferenceList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    lineStyles,
    css`
      .error {
        color: var(--alarm);
        font-size: var(--text-12);
      }

      input[type="text"],
      select {
        width: 16rem;
      }

      @media (max-width: 640px) {
        .control,
        input[type="text"],
        select {
          width: 100%;
        }
      }
    `,
  ];

  @property({ attribute: false }) preferences: PersonalPreferences | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  /** What the reader may open. */
  @property({ attribute: false }) pages: readonly StartPage[] = [];
  @state() private zoneError: string | undefined;
  readonly #zones = Intl.supportedValuesOf("timeZone");

  constructor() {
    super();
    new Observe(this, () => this.preferences?.state);
  }

  async #choose(changes: Partial<Preferences>): Promise<void> {
    try {
      await this.preferences?.change(changes);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  async #chooseZone(event: Event): Promise<void> {
    if (!(event.target instanceof HTMLInputElement)) return;
    this.zoneError = undefined;
    try {
      await this.preferences?.change({ timeZone: event.target.value.trim() });
    } catch (error) {
      this.zoneError = asProblem(error).messageFor("timeZone");
      if (this.zoneError === undefined) this.toasts?.sayFailure(error);
    }
  }

  #radios<Name extends "theme" | "units">(
    name: Name,
    words: Readonly<Record<string, string>>,
    values: readonly Preferences[Name][],
    chosen: Preferences[Name],
  ): unknown {
    return html`<fieldset aria-label=${name === "theme" ? "Theme" : "Units"}>
      ${values.map(
        (value) => html`<label
          ><input
            type="radio"
            name=${name}
            value=${value}
            .checked=${value === chosen}
            @change=${() => void this.#choose({ [name]: value })}
          />${words[value]}</label
        >`,
      )}
    </fieldset>`;
  }

  #zone(timeZone: string): unknown {
    return html`<div class="line">
      <div>
        <h3>Time zone</h3>
        <p>Of every time that is shown. Now it is ${formatExact(Date.now())} there.</p>
        ${this.zoneError === undefined ? nothing : html`<p class="error" role="alert">${this.zoneError}</p>`}
      </div>
      <div class="control">
        <input
          type="text"
          name="timeZone"
          list="zones"
          autocomplete="off"
          spellcheck="false"
          maxlength="64"
          aria-label="Time zone"
          aria-invalid=${String(this.zoneError !== undefined)}
          placeholder=${`As the browser: ${Intl.DateTimeFormat().resolvedOptions().timeZone}`}
          .value=${timeZone}
          @change=${this.#chooseZone}
        />
        <datalist id="zones">${this.#zones.map((zone) => html`<option value=${zone}></option>`)}</datalist>
      </div>
    </div>`;
  }

  protected override render(): unknown {
    const { preferences } = this;
    if (preferences === undefined) return nothing;
    const { theme, timeZone, units, startPage } = preferences.state.value;
    return html`
      <div class="line">
        <div><h3>Theme</h3><p>Yours wherever you sign in.</p></div>
        ${this.#radios("theme", THEME_WORDS, THEMES, theme)}
      </div>
      ${this.#zone(timeZone)}
      <div class="line">
        <div><h3>Units</h3><p>How sizes and rates are counted.</p></div>
        ${this.#radios("units", UNIT_WORDS, UNIT_SYSTEMS, units)}
      </div>
      <div class="line">
        <div><h3>Start page</h3><p>What you see after signing in.</p></div>
        <div class="control">
          <select
            name="startPage"
            aria-label="Start page"
            .value=${startPage}
            @change=${(event: Event & { target: HTMLSelectElement }) =>
              void this.#choose({ startPage: event.target.value })}
          >
            ${this.pages.map(
              ({ label, href }) =>
                html`<option value=${href} ?selected=${href === startPage}>${label}</option>`,
            )}
          </select>
        </div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-preference-list": BnPreferenceList;
  }
}
