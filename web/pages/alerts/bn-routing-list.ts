import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-icon.ts";
import "../../components/bn-menu.ts";
import type { MenuItem } from "../../components/bn-menu.ts";
import "../../components/bn-status.ts";
import type { StatusLevel } from "../../components/bn-status.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-named-cell.ts";

/** One thing that is set up, as a row. */
export interface RoutingRow {
  id: string;
  name: string;
  text: string;
  href: string;
  status: { level: StatusLevel; word: string };
  items: readonly MenuItem[];
}

/** Things of one kind that are set up; in the slot what is said while there is none. */
@customElement("bn-routing-list")
export class BnRoutingList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        align-items: center;
        gap: var(--space-4);
        min-height: var(--row-height);
        padding: 2px var(--space-4);
      }

      li + li {
        border-top: 1px solid var(--line);
      }

      header .faint {
        font-size: var(--text-13);
      }

      bn-named-cell {
        font-size: var(--text-13);
      }
    `,
  ];

  @property() heading = "";
  @property() note = "";
  /** The verb and the address that add one; none for who may not. */
  @property({ attribute: false }) adding: { label: string; href: string } | undefined;
  @property({ attribute: false }) rows: readonly RoutingRow[] = [];

  #row({ name, text, href, status, items }: RoutingRow): unknown {
    return html`<li>
      <bn-named-cell name=${name} text=${text} href=${href}></bn-named-cell>
      <bn-status level=${status.level}>${status.word}</bn-status>
      ${
        items.length === 0
          ? nothing
          : html`<bn-menu label="What to do with ${name}" .items=${items}><bn-icon name="more"></bn-icon></bn-menu>`
      }
    </li>`;
  }

  protected override render(): unknown {
    const { adding } = this;
    return html`<section class="panel" aria-labelledby="heading">
      <header>
        <div class="row">
          <h2 id="heading">${this.heading}</h2>
          <span class="faint">${this.note}</span>
        </div>
        ${
          adding === undefined
            ? nothing
            : html`<a class="button" href=${adding.href}><bn-icon name="plus"></bn-icon>${adding.label}</a>`
        }
      </header>
      ${this.rows.length === 0 ? html`<slot></slot>` : html`<ul>${this.rows.map((row) => this.#row(row))}</ul>`}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-routing-list": BnRoutingList;
  }
}
