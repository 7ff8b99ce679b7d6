import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../components/bn-icon.ts";
import type { MenuItem } from "../components/bn-menu.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import type { NavigationGroup, NavigationItem } from "./navigation.ts";

/** What a phone's bottom bar has no place for, as a sheet from below: further pages, then what concerns the reader. */
@customElement("bn-more-sheet")
export class BnMoreSheet extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      dialog {
        width: 100%;
        max-width: 520px;
        max-height: calc(100dvh - 48px);
        padding: 0 0 env(safe-area-inset-bottom);
        border: 1px solid var(--line);
        border-bottom: 0;
        border-radius: var(--radius) var(--radius) 0 0;
        margin: auto auto 0;
        background: var(--card);
        color: var(--ink);
        box-shadow: var(--shadow);
        overscroll-behavior: contain;
      }

      dialog::backdrop {
        background: var(--scrim);
      }

      .head {
        position: sticky;
        z-index: 1;
        top: 0;
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        border-bottom: 1px solid var(--line);
        background: var(--card);
      }

      .head .button {
        width: 44px;
        min-height: 44px;
      }

      h2 {
        font-size: var(--text-16);
      }

      section {
        padding: var(--space-3) var(--space-2) var(--space-2);
      }

      section + section,
      nav + section {
        border-top: 1px solid var(--line);
      }

      h3 {
        padding: 0 var(--space-2) var(--space-1);
        color: var(--faint);
        font-size: var(--text-12);
        font-weight: 500;
      }

      .item {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        width: 100%;
        min-height: 44px;
        padding: 0 var(--space-2);
        border: 0;
        border-radius: var(--radius-small);
        background: none;
        color: var(--ink);
        font: inherit;
        text-align: left;
        text-decoration: none;
        cursor: pointer;
      }

      .item:hover {
        background: var(--hover);
      }

      .item bn-icon {
        --icon-size: 18px;
        color: var(--soft);
      }

      .item[aria-current="page"],
      .item[aria-current="page"] bn-icon {
        color: var(--brass-ink);
      }

      .hint {
        margin-left: auto;
        color: var(--faint);
      }

      .item .hint {
        --icon-size: 14px;
      }
    `,
  ];

  @property({ attribute: false }) groups: readonly NavigationGroup[] = [];
  /** What concerns the reader: account, theme, leaving. */
  @property({ attribute: false }) menu: readonly MenuItem[] = [];
  /** The reader's name, above their part. */
  @property() who = "";
  @property() path = "";

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  open(): void {
    this.#dialog?.showModal();
  }

  #close(): void {
    this.#dialog?.close();
  }

  #choose(item: MenuItem): void {
    if (item.isSwitch !== true) this.#close();
    item.run();
  }

  #onPress(event: Event): void {
    // Only the backdrop is the dialog itself; everything on the sheet lies inside it.
    if (event.target === this.#dialog) this.#close();
  }

  #link(item: NavigationItem): unknown {
    return html`<li>
      <a
        class="item"
        href=${item.href}
        target=${item.isOutside ? "_blank" : nothing}
        rel=${item.isOutside ? "noopener" : nothing}
        aria-current=${item.href === this.path ? "page" : nothing}
        @click=${() => this.#close()}
      >
        <bn-icon name=${item.icon}></bn-icon>${item.label}
        ${item.isOutside ? html`<bn-icon class="hint" name="external"></bn-icon>` : nothing}
      </a>
    </li>`;
  }

  #action(item: MenuItem): unknown {
    return html`<li>
      <button class="item" type="button" @click=${() => this.#choose(item)}>
        ${item.icon === undefined ? nothing : html`<bn-icon name=${item.icon}></bn-icon>`}${item.label}
        ${item.hint === undefined ? nothing : html`<span class="hint">${item.hint}</span>`}
      </button>
    </li>`;
  }

  protected override render(): unknown {
    return html`<dialog aria-label="More" @click=${this.#onPress}>
      <div class="head">
        <h2>More</h2>
        <button class="button quiet icon-only" type="button" aria-label="Close" @click=${() => this.#close()}>
          <bn-icon name="close"></bn-icon>
        </button>
      </div>
      <nav aria-label="More pages">
        ${this.groups.map(
          (group) => html`<section>
            <h3>${group.label}</h3>
            <ul>
              ${group.items.map((item) => this.#link(item))}
            </ul>
          </section>`,
        )}
      </nav>
      <section>
        <h3>${this.who}</h3>
        <ul>
          ${this.menu.map((item) => this.#action(item))}
        </ul>
      </section>
    </dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-more-sheet": BnMoreSheet;
  }
}
