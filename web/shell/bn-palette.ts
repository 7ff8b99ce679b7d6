import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { baseStyles } from "../styles/shared.ts";
import "../components/bn-icon.ts";
import { findEntries, type PaletteEntry } from "./palette-entries.ts";

/** Search over pages, series, users and commands. Fires `choose` (CustomEvent<PaletteEntry>). */
@customElement("bn-palette")
export class BnPalette extends LitElement {
  static override styles = [
    baseStyles,
    css`
      dialog {
        width: min(620px, calc(100vw - 24px));
        max-height: min(520px, 80dvh);
        margin-top: 12dvh;
        padding: 0;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        color: var(--ink);
        box-shadow: var(--shadow);
      }

      dialog[open] {
        display: flex;
        flex-direction: column;
      }

      dialog::backdrop {
        background: var(--scrim);
      }

      input {
        flex: none;
        width: 100%;
        height: 52px;
        padding: 0 var(--space-5);
        border: 0;
        border-bottom: 1px solid var(--line);
        outline-offset: -2px;
        background: none;
        color: inherit;
        font: inherit;
        font-size: var(--text-16);
      }

      input:focus-visible {
        outline: none;
        border-bottom-color: var(--brass);
      }

      input::placeholder {
        color: var(--faint);
        opacity: 1;
      }

      [role="listbox"] {
        flex: 1;
        min-height: 0;
        padding: var(--space-2);
        overflow: auto;
      }

      .group {
        padding: var(--space-2) var(--space-3) var(--space-1);
        color: var(--faint);
        font-size: var(--text-12);
      }

      [role="option"] {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-height: var(--row-height);
        padding: 0 var(--space-3);
        border-radius: var(--radius-small);
        cursor: pointer;
      }

      [role="option"] bn-icon {
        color: var(--soft);
      }

      [role="option"] span:last-child {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        color: var(--faint);
        font-family: var(--font-mono);
        font-size: var(--text-12);
        text-align: right;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      [aria-selected="true"] {
        background: var(--brass-wash);
      }

      .none {
        padding: var(--space-6);
        color: var(--soft);
        text-align: center;
      }
    `,
  ];

  @property({ attribute: false }) entries: readonly PaletteEntry[] = [];
  @state() private question = "";
  @state() private position = 0;

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  async open(): Promise<void> {
    this.question = "";
    this.position = 0;
    await this.updateComplete;
    if (this.#dialog?.open === false) this.#dialog.showModal();
  }

  #onInput(event: InputEvent): void {
    if (event.target instanceof HTMLInputElement) this.question = event.target.value;
    this.position = 0;
  }

  #onKey(event: KeyboardEvent, found: readonly PaletteEntry[]): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    const chosen = found[this.position];
    if (step !== undefined) {
      event.preventDefault();
      this.position = Math.max(0, Math.min(found.length - 1, this.position + step));
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      this.#choose(chosen);
    }
  }

  #choose(entry: PaletteEntry): void {
    this.#dialog?.close();
    this.dispatchEvent(new CustomEvent("choose", { detail: entry }));
  }

  protected override updated(): void {
    this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  protected override render(): unknown {
    const found = findEntries(this.question, this.entries);
    // Kept in the order of their groups, so that the arrow keys follow what the eye sees.
    const ordered = [...Map.groupBy(found, (entry) => entry.group).values()].flat();
    return html`<dialog aria-label="Search" @click=${this.#closeOnBackdrop}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant="entry-${this.position}"
        aria-label="Search pages, series, users and commands"
        placeholder="Search or run a command"
        autocomplete="off"
        spellcheck="false"
        .value=${this.question}
        @input=${this.#onInput}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event, ordered)}
      />
      <div id="found" role="listbox" aria-label="Results">
        ${ordered.map((entry, index) => this.#option(entry, index, ordered[index - 1]?.group))}
        ${ordered.length === 0 ? html`<p class="none" role="option" aria-selected="false">Nothing is called “${this.question}”. Try a part of the name.</p>` : nothing}
      </div>
    </dialog>`;
  }

  #option(entry: PaletteEntry, index: number, previousGroup: string | undefined): unknown {
    return html`
      ${entry.group === previousGroup ? nothing : html`<div class="group" role="presentation">${entry.group}</div>`}
      <div
        role="option"
        id="entry-${index}"
        aria-selected=${String(index === this.position)}
        @click=${() => this.#choose(entry)}
      >
        <bn-icon name=${entry.icon}></bn-icon><span>${entry.label}</span><span>${entry.hint}</span>
      </div>
    `;
  }

  #closeOnBackdrop(event: MouseEvent): void {
    if (event.target === this.#dialog) this.#dialog?.close();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-palette": BnPalette;
  }
}
