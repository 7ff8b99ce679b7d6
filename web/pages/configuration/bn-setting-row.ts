import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-icon.ts";
import "../../components/bn-schema-form.ts";
import type { SchemaFormChange } from "../../components/bn-schema-form.ts";
import type { Setting } from "../../data/settings.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { type Entry, textOf } from "./draft.ts";
import { originWords, valueWords } from "./words.ts";

/** One setting: what it does, its value to change, where that comes from. Fires `entry` (CustomEvent<Entry | undefined>). */
@customElement("bn-setting-row")
export class BnSettingRow extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 340px);
        gap: var(--space-2) var(--space-6);
        padding: var(--space-3) var(--space-4) var(--space-3) calc(var(--space-4) - 2px);
        border-left: 2px solid transparent;
      }

      :host([changed]) {
        border-left-color: var(--brass);
        background: color-mix(in oklch, var(--brass-wash) 40%, transparent);
      }

      .about,
      .control {
        display: grid;
        align-content: start;
        gap: var(--space-1);
        min-width: 0;
      }

      .key {
        color: var(--faint);
        font-size: var(--text-12);
        overflow-wrap: anywhere;
      }

      .remark,
      .origin,
      .error {
        display: flex;
        align-items: center;
        gap: var(--space-1);
        font-size: var(--text-12);
      }

      .remark {
        color: var(--watch);
      }

      .remark.planned {
        color: var(--soft);
        --icon-size: 12px;
      }

      .origin {
        flex-wrap: wrap;
        justify-content: space-between;
        min-height: 24px;
        color: var(--faint);
      }

      .origin span {
        display: inline-flex;
        align-items: center;
        gap: var(--space-1);
        min-width: 0;
        overflow-wrap: anywhere;
      }

      .origin bn-icon {
        --icon-size: 12px;
        flex: none;
      }

      .error {
        color: var(--alarm);
      }

      .error[hidden] {
        display: none;
      }

      .link {
        padding: 0;
        border: 0;
        background: none;
        color: var(--brass-ink);
        font: inherit;
        text-decoration: underline;
        text-underline-offset: 2px;
        cursor: pointer;
      }

      .switch {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-height: var(--control-height);
      }

      /* What has the focus is never hidden behind the bars at the top and the bottom. */
      input,
      select,
      textarea,
      button {
        scroll-margin-block: 160px;
      }

      /* A browser adds these 4 px of its own. */
      select {
        padding-left: calc(var(--space-3) - 4px);
      }

      textarea {
        min-height: 58px;
        padding: var(--space-2) var(--space-3);
        resize: vertical;
      }

      input:disabled,
      select:disabled,
      textarea:disabled {
        border-style: dashed;
        color: var(--soft);
        opacity: 1;
      }

      :host([wide]) {
        grid-template-columns: minmax(0, 1fr);
      }

      @media (max-width: 720px) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }

        .link {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) setting: Setting | undefined;
  @property({ attribute: false }) entry: Entry | undefined;
  @property({ attribute: false }) problem: string | undefined;
  /** Whether who looks may change settings at all. */
  @property({ type: Boolean }) writable = false;

  #tell(entry: Entry | undefined): void {
    this.dispatchEvent(new CustomEvent("entry", { detail: entry }));
  }

  #typed(event: Event): void {
    const { target } = event;
    if (target instanceof HTMLInputElement && target.type === "checkbox")
      this.#tell({ kind: "typed", text: String(target.checked) });
    else if (
      target instanceof HTMLInputElement ||
      target instanceof HTMLSelectElement ||
      target instanceof HTMLTextAreaElement
    )
      this.#tell({ kind: "typed", text: target.value });
  }

  protected override willUpdate(): void {
    this.toggleAttribute("changed", this.entry !== undefined);
    this.toggleAttribute("wide", this.setting?.type === "objects");
  }

  #control(setting: Setting): unknown {
    const text = this.entry?.kind === "typed" ? this.entry.text : textOf(setting.value);
    const isFixed =
      !this.writable ||
      setting.locked ||
      setting.machineOnly ||
      setting.planned ||
      this.entry?.kind === "takenBack";
    const label = `${setting.description} (${setting.key})`;
    const invalid = this.problem === undefined ? "false" : "true";
    switch (setting.type) {
      case "boolean":
        return html`<label class="switch">
          <input
            type="checkbox"
            aria-label=${label}
            .checked=${text === "true"}
            ?disabled=${isFixed}
            @change=${this.#typed}
          />
          <span>${text === "true" ? "On" : "Off"}</span>
        </label>`;
      case "choice":
        return html`<select aria-label=${label} ?disabled=${isFixed} @change=${this.#typed}>
          ${(setting.values ?? []).map((value) => html`<option value=${value} .selected=${value === text}>${value}</option>`)}
        </select>`;
      case "list":
        return html`<textarea
          rows="2"
          aria-label=${label}
          aria-invalid=${invalid}
          aria-describedby="error"
          placeholder="One a line"
          spellcheck="false"
          .value=${text}
          ?disabled=${isFixed}
          @input=${this.#typed}
        ></textarea>`;
      case "objects":
        return isFixed
          ? html`<span class="soft">${valueWords(setting.value)}</span>`
          : this.#form(setting, text);
      default:
        return html`<input
          aria-label=${label}
          aria-invalid=${invalid}
          aria-describedby="error"
          inputmode=${setting.type === "integer" ? "numeric" : "text"}
          autocomplete="off"
          spellcheck="false"
          placeholder=${setting.type === "integer" ? String(setting.default) : "empty"}
          .value=${text}
          ?disabled=${isFixed}
          @input=${this.#typed}
        />`;
    }
  }

  #form(setting: Setting, text: string): unknown {
    const name = setting.key.slice(setting.section.length + 1);
    const properties = { [name]: { ...setting.schema, description: "" } };
    const values = { [name]: text === "" ? [] : JSON.parse(text) };
    return html`<bn-schema-form
      .schema=${{ type: "object", properties, additionalProperties: false }}
      .values=${values}
      @change=${({ detail }: CustomEvent<SchemaFormChange>) =>
        this.#tell({ kind: "typed", text: textOf(detail.values[name] ?? []) })}
    ></bn-schema-form>`;
  }

  #remark(setting: Setting): unknown {
    if (setting.planned)
      return html`<span class="remark planned"
        ><bn-icon name="clock"></bn-icon>Takes effect with a later version</span
      >`;
    if (setting.inForce !== undefined)
      return html`<span class="remark">${valueWords(setting.inForce)} is in force until the next start</span>`;
    if (setting.waiting) return html`<span class="remark">Waits for the secret it refers to</span>`;
    if (setting.restart && this.entry !== undefined)
      return html`<span class="remark">Takes effect at the next start</span>`;
    return nothing;
  }

  #origin(setting: Setting): unknown {
    const { entry, writable } = this;
    const isLocked = setting.locked || setting.machineOnly;
    const undo = html`<button class="link" type="button" @click=${() => this.#tell(undefined)}>Undo</button>`;
    const takeBack = html`<button
      class="link"
      type="button"
      aria-label="Take back ${setting.key}"
      @click=${() => this.#tell({ kind: "takenBack" })}
    >
      Take back
    </button>`;
    return html`<span class="origin">
      <span title=${setting.origin.origin}
        >${isLocked ? html`<bn-icon name="lock"></bn-icon>` : nothing}${
          entry?.kind === "takenBack" ? "Will give way to what lies beneath" : originWords(setting)
        }</span
      >
      ${entry !== undefined ? undo : setting.overridden && writable ? takeBack : nothing}
    </span>`;
  }

  protected override render(): unknown {
    const { setting } = this;
    if (setting === undefined) return nothing;
    return html`
      <div class="about">
        <span>${setting.description}</span>
        <code class="key">${setting.key}</code>
        ${this.#remark(setting)}
      </div>
      <div class="control">
        ${this.#control(setting)}
        <span id="error" class="error" role=${this.problem === undefined ? nothing : "alert"} ?hidden=${this.problem === undefined}
          >${this.problem}</span
        >
        ${this.#origin(setting)}
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-setting-row": BnSettingRow;
  }
}
