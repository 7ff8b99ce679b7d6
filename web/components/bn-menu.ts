import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Popover } from "../controllers/popover.ts";
import { popoverStyles } from "../styles/popover.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import "./bn-icon.ts";
import type { IconName } from "./icons.ts";

export interface MenuItem {
  label: string;
  icon?: IconName;
  hint?: string;
  /** Steps through states that its hint names: a sheet stays open, so that it can be pressed again. */
  isSwitch?: boolean;
  run(): void;
}

/** A button with a menu of actions. The button's face is the default slot; `heading` stands above the items. */
@customElement("bn-menu")
export class BnMenu extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    popoverStyles,
    css`
      .trigger {
        display: inline-grid;
        place-items: center;
        min-width: var(--control-height);
        min-height: var(--control-height);
        padding: 0;
        border: 0;
        border-radius: var(--radius-round);
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }
    `,
  ];

  /** The accessible name of the button. */
  @property() label = "";
  @property() heading = "";
  @property() subheading = "";
  @property({ attribute: false }) items: readonly MenuItem[] = [];
  readonly #popover = new Popover(this);

  #entries(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>(".item")];
  }

  async #toggle(): Promise<void> {
    this.#popover.toggle();
    await this.updateComplete;
    if (this.#popover.isOpen) this.#entries()[0]?.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const entries = this.#entries();
    const focused = entries.findIndex((entry) => entry.matches(":focus"));
    const targets: Record<string, number> = {
      ArrowDown: (focused + 1) % entries.length,
      ArrowUp: (focused - 1 + entries.length) % entries.length,
      Home: 0,
      End: entries.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    entries[target]?.focus();
  }

  #choose(item: MenuItem): void {
    this.#popover.dismiss();
    item.run();
  }

  protected override render(): unknown {
    return html`
      <button
        class="trigger"
        type="button"
        aria-haspopup="menu"
        aria-expanded=${String(this.#popover.isOpen)}
        aria-label=${this.label}
        @click=${this.#toggle}
      >
        <slot></slot>
      </button>
      ${this.#popover.isOpen ? this.#panel() : nothing}
    `;
  }

  #panel(): unknown {
    return html`<div class="panel">
      ${
        this.heading === ""
          ? nothing
          : html`<div class="heading"><b>${this.heading}</b><br /><span class="faint">${this.subheading}</span></div>`
      }
      <div role="menu" aria-label=${this.label} @keydown=${this.#onKey}>
        ${this.items.map(
          (
            item,
          ) => html`<button class="item" type="button" role="menuitem" tabindex="-1" @click=${() => this.#choose(item)}>
            ${item.icon === undefined ? nothing : html`<bn-icon name=${item.icon}></bn-icon>`} ${item.label}
            ${item.hint === undefined ? nothing : html`<span class="hint">${item.hint}</span>`}
          </button>`,
        )}
      </div>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-menu": BnMenu;
  }
}
