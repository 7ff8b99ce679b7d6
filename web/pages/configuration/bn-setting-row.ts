import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-icon.ts";
import "../../components/bn-schema-form.ts";
import type { SchemaFormChange } from "../../components/bn-schema-form.ts";
import type { Setting } from "../../data/settings.ts";
import { linkButtonStyles } from "../../styles/link-button.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { type Entry, textOf } from "./draft.ts";
import { settingRowStyles } from "./setting-row-styles.ts";
import { originWords, valueWords } from "./words.ts";

/** One setting: what it does, its value to change, where that comes from. Fires `entry` (CustomEvent<Entry | undefined>). */
@customElement("bn-setting-row")
export class BnSettingRow extends LitElement {
  static override styles = [baseStyles, controlStyles, linkButtonStyles, settingRowStyles];

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
