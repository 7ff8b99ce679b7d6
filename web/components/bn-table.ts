import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { rowsInSight, VIRTUAL_FROM } from "../lib/rows-in-sight.ts";
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

/** What a row takes before one was drawn, in CSS pixels. */
const EXPECTED_ROW_PX = 48;
/** The most that a frame takes: see its styles. */
const EXPECTED_FRAME_PX = 900;

/**
 * A table whose first column names the row. Sorting is offered by columns that can compare. Of many rows only those in
 * sight are drawn, in a frame of its own that scrolls; they are taken to be about equally high.
 * Fires `sort` (CustomEvent<Sorting>) when the reader chooses an order.
 */
@customElement("bn-table")
export class BnTable<Row> extends LitElement {
  static override styles = [baseStyles, controlStyles, tableStyles];

  /** What the table lists, for those who hear it. */
  @property() label = "";
  @property({ attribute: false }) columns: readonly Column<Row>[] = [];
  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ attribute: false }) keyOf: (row: Row) => string | number = () => "";
  /** What it is sorted by until a reader chooses; a change of it takes that choice back. */
  @property({ attribute: false, hasChanged: isOtherSorting }) initialSorting: Sorting | undefined;
  @state() private chosenSorting: Sorting | undefined;
  @state() private scrolledPx = 0;
  #rowPx = EXPECTED_ROW_PX;

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
    this.dispatchEvent(new CustomEvent("sort", { detail: this.chosenSorting }));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("initialSorting") && this.hasUpdated) this.chosenSorting = undefined;
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
    const isWider = scroll.scrollWidth > scroll.clientWidth;
    if (isWider || scroll.scrollHeight > scroll.clientHeight) scroll.tabIndex = 0;
    else scroll.removeAttribute("tabindex");
    const drawn = [...this.renderRoot.querySelectorAll<HTMLElement>("tbody tr:not(.space)")];
    const heightPx = drawn.reduce((sum, { offsetHeight }) => sum + offsetHeight, 0);
    if (heightPx > 0) this.#rowPx = heightPx / drawn.length;
  }

  #scrolled({ currentTarget }: Event): void {
    if (this.rows.length <= VIRTUAL_FROM || !(currentTarget instanceof HTMLElement)) return;
    this.scrolledPx = currentTarget.scrollTop;
  }

  /** In place of rows that are out of sight. */
  #space(rows: number): unknown {
    if (rows <= 0) return nothing;
    return html`<tr class="space" aria-hidden="true"><td style="height: ${Math.round(rows * this.#rowPx)}px"></td></tr>`;
  }

  protected override render(): unknown {
    const rows = this.#sorted();
    const shownPx = this.renderRoot.querySelector(".scroll")?.clientHeight || EXPECTED_FRAME_PX;
    const { first, end } = rowsInSight({
      count: rows.length,
      rowPx: this.#rowPx,
      scrolledPx: this.scrolledPx,
      shownPx,
    });
    const isTall = rows.length > VIRTUAL_FROM;
    const sorts = rows.length > 1 && this.columns.some(({ compare }) => compare !== undefined);
    return html`<div
      class=${isTall ? "scroll tall" : "scroll"}
      role="group"
      aria-label=${this.label}
      @scroll=${this.#scrolled}
    >
      <table aria-label=${this.label} aria-rowcount=${isTall ? rows.length + 1 : nothing}>
        <thead class=${sorts ? "sorts" : nothing}>
          <tr>
            ${this.columns.map((column) => this.#head(column))}
          </tr>
        </thead>
        <tbody>
          ${this.#space(first)}
          ${repeat(
            rows.slice(first, end),
            this.keyOf,
            (row, offset) => html`<tr aria-rowindex=${isTall ? first + offset + 2 : nothing}>
              ${this.columns.map((column, position) => this.#cell(column, row, position))}
            </tr>`,
          )}
          ${this.#space(rows.length - end)}
        </tbody>
      </table>
    </div>`;
  }
}

function isOtherSorting(a: Sorting | undefined, b: Sorting | undefined): boolean {
  return a?.column !== b?.column || a?.isDescending !== b?.isDescending;
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
