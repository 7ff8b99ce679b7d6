import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import { tableStyles } from "./table-styles.ts";

/** One column of a table: how a row's cell is drawn and, if it can be sorted by, compared. */
export interface Column<Row> {
  id: string;
  label: string;
  draw(row: Row): unknown;
  /** Ascending order of two rows; present when the column can be sorted by. */
  compare?(a: Row, b: Row): number;
  isNumber?: boolean;
  /** Takes the width that is left and cuts what does not fit. */
  isWide?: boolean;
  /** Left out on a phone. */
  isSecondary?: boolean;
  /** Holds one small button; on a phone it stands beside the row's name. */
  isMenu?: boolean;
}

export interface Sorting {
  column: string;
  isDescending: boolean;
}

/** A table whose first column names the row. Sorting is offered by columns that can compare. */
@customElement("bn-table")
export class BnTable<Row> extends LitElement {
  static override styles = [baseStyles, controlStyles, tableStyles];

  /** What the table lists, for those who hear it. */
  @property() label = "";
  @property({ attribute: false }) columns: readonly Column<Row>[] = [];
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) keyOf: (row: Row) => string | number = () => "";
  @property({ attribute: false }) initialSorting: Sorting | undefined;
  @state() private chosenSorting: Sorting | undefined;

  get #sorting(): Sorting | undefined {
    return this.chosenSorting ?? this.initialSorting;
  }

  #sorted(): readonly Row[] {
    const sorting = this.#sorting;
    const compare = this.columns.find((column) => column.id === sorting?.column)?.compare;
    if (sorting === undefined || compare === undefined) return this.rows;
    const direction = sorting.isDescending ? -1 : 1;
    return [...this.rows].sort((a, b) => compare(a, b) * direction);
  }

  #sortBy(column: Column<Row>): void {
    const isSame = this.#sorting?.column === column.id;
    const isDescending = isSame ? !this.#sorting?.isDescending : column.isNumber === true;
    this.chosenSorting = { column: column.id, isDescending };
  }

  #head(column: Column<Row>): unknown {
    const sorting = this.#sorting?.column === column.id ? this.#sorting : undefined;
    const order = sorting?.isDescending ? "descending" : "ascending";
    const mark = sorting?.isDescending ? "↓" : "↑";
    return html`<th
      scope="col"
      class=${cellClass(column)}
      aria-sort=${sorting === undefined ? nothing : order}
    >
      ${
        column.compare === undefined
          ? column.label === ""
            ? html`<span class="unseen">Actions</span>`
            : column.label
          : html`<button class="sort" type="button" @click=${() => this.#sortBy(column)}>
            ${column.label}${sorting === undefined ? nothing : html`<span aria-hidden="true">${mark}</span>`}
          </button>`
      }
    </th>`;
  }

  #cell(column: Column<Row>, row: Row, position: number): unknown {
    const content = column.draw(row);
    return position === 0
      ? html`<th scope="row" class=${cellClass(column)} data-label=${column.label}>${content}</th>`
      : html`<td class=${cellClass(column)} data-label=${column.label}>${content}</td>`;
  }

  /** What is wider than its place must be reachable by keys, also without a control in it. */
  protected override updated(): void {
    const scroll = this.renderRoot.querySelector<HTMLElement>(".scroll");
    if (scroll === null) return;
    if (scroll.scrollWidth > scroll.clientWidth) scroll.tabIndex = 0;
    else scroll.removeAttribute("tabindex");
  }

  protected override render(): unknown {
    return html`<div class="scroll" role="group" aria-label=${this.label}>
      <table aria-label=${this.label}>
        <thead>
          <tr>
            ${this.columns.map((column) => this.#head(column))}
          </tr>
        </thead>
        <tbody>
          ${repeat(
            this.#sorted(),
            this.keyOf,
            (row) => html`<tr>
              ${this.columns.map((column, position) => this.#cell(column, row, position))}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

function cellClass({
  isNumber,
  isWide,
  isSecondary,
  isMenu,
}: Pick<Column<unknown>, "isNumber" | "isWide" | "isSecondary" | "isMenu">): string {
  return [isNumber && "number", isWide && "grow", isSecondary && "secondary", isMenu && "menu"]
    .filter(Boolean)
    .join(" ");
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-table": BnTable<unknown>;
  }
}
