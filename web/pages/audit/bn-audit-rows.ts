import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import type { AuditEntry } from "../../data/audit.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { rowsInSight } from "../../lib/rows-in-sight.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const ROW_PX = 36;
const PHONE_ROW_PX = 84;
/** Older rows are asked for when the end comes this close. */
const NEAR_END_PX = 600;
const PHONE = "(max-width: 720px)";

/** Rows of the audit log in a scrolling list. Fires `open` (CustomEvent<AuditEntry>) and `older` near its end. */
@customElement("bn-audit-rows")
export class BnAuditRows extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      .scroll {
        max-height: min(72dvh, 900px);
        overflow: auto;
      }

      .head,
      .line {
        display: grid;
        grid-template-columns: 104px 130px minmax(90px, 160px) minmax(150px, 220px) minmax(0, 1fr) 64px minmax(0, 140px);
        align-items: center;
        gap: var(--space-3);
        height: ${ROW_PX}px;
        padding: 0 var(--space-4);
        border-bottom: 1px solid var(--line);
        font-size: var(--text-13);
        white-space: nowrap;
      }

      .head {
        position: sticky;
        z-index: var(--level-sticky);
        top: 0;
        background: var(--card);
        color: var(--faint);
        font-size: var(--text-12);
        font-weight: 500;
      }

      .line:hover {
        background: var(--hover);
      }

      .line > * {
        overflow: hidden;
        text-overflow: ellipsis;
      }

      .line button {
        min-height: 28px;
        max-width: 100%;
        padding: 0;
        overflow: hidden;
        border: 0;
        background: none;
        color: var(--ink);
        font: inherit;
        font-weight: 500;
        text-decoration: underline;
        text-decoration-color: var(--line-strong);
        text-overflow: ellipsis;
        text-underline-offset: 3px;
        cursor: pointer;
      }

      .count {
        color: var(--soft);
        text-align: right;
      }

      .end {
        padding: var(--space-3) var(--space-4);
        text-align: center;
      }

      @media (max-width: 720px) {
        .head {
          position: absolute;
          width: 1px;
          height: 1px;
          padding: 0;
          overflow: hidden;
          clip-path: inset(50%);
        }

        .line {
          grid-template-columns: auto minmax(0, 1fr) auto;
          grid-template-rows: 44px 28px;
          gap: 0 var(--space-3);
          height: ${PHONE_ROW_PX}px;
          padding: var(--space-1) var(--space-4);
        }

        .line button {
          min-height: 44px;
        }

        .action {
          grid-row: 1;
          grid-column: 1 / 3;
        }

        .outcome {
          grid-row: 1;
          grid-column: 3;
        }

        .at {
          grid-row: 2;
          grid-column: 1;
          color: var(--soft);
        }

        .target {
          grid-row: 2;
          grid-column: 2;
        }

        .actor {
          grid-row: 2;
          grid-column: 3;
          max-width: 110px;
        }

        .count,
        .from {
          display: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) rows: readonly AuditEntry[] = [];
  @property({ attribute: false }) hasOlder = false;
  @property({ attribute: false }) isLoading = false;
  @state() private scrolledPx = 0;
  readonly #phone = matchMedia(PHONE);
  readonly #redraw = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#phone.addEventListener("change", this.#redraw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#phone.removeEventListener("change", this.#redraw);
  }

  #onScroll(event: Event): void {
    if (!(event.target instanceof HTMLElement)) return;
    const { scrollTop, scrollHeight, clientHeight } = event.target;
    this.scrolledPx = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX) this.#askOlder();
  }

  #askOlder(): void {
    if (this.hasOlder && !this.isLoading) this.dispatchEvent(new Event("older"));
  }

  #line(entry: AuditEntry, index: number): unknown {
    const isDenied = entry.outcome === "denied";
    const actor = foreignText(entry.actor);
    const target = foreignText(entry.target);
    return html`<div class="line" role="row" aria-rowindex=${index + 2}>
      <span class="outcome" role="cell"
        ><bn-status level=${isDenied ? "watch" : "calm"}>${isDenied ? "Denied" : "Done"}</bn-status></span
      >
      <span class="at" role="cell"><bn-time .at=${entry.at}></bn-time></span>
      <span class="actor" role="cell" title=${actor}>${actor}</span>
      <span class="action" role="cell"
        ><button
          type="button"
          aria-label="${entry.action}, row ${entry.seq}"
          @click=${() => this.dispatchEvent(new CustomEvent("open", { detail: entry }))}
        >
          ${entry.action}
        </button></span
      >
      <span class="target mono" role="cell" title=${target}>${target}</span>
      <span class="count" role="cell">${entry.count === 1 ? nothing : `× ${entry.count}`}</span>
      <span class="from mono" role="cell" title=${entry.address}>${entry.address}</span>
    </div>`;
  }

  protected override render(): unknown {
    const rowPx = this.#phone.matches ? PHONE_ROW_PX : ROW_PX;
    const shownPx = this.renderRoot.querySelector(".scroll")?.clientHeight ?? innerHeight;
    const { first, end } = rowsInSight({
      count: this.rows.length,
      rowPx,
      scrolledPx: this.scrolledPx,
      shownPx,
    });
    const columns = ["Outcome", "When", "Actor", "Action", "Target", "Times", "From"];
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Rows" @scroll=${this.#onScroll}>
      <div role="table" aria-label="Audit log" aria-rowcount=${this.hasOlder ? -1 : this.rows.length + 1}>
        <div class="head" role="row" aria-rowindex="1">
          ${columns.map((column) => html`<span role="columnheader">${column}</span>`)}
        </div>
        <div role="rowgroup" style="padding-block: ${first * rowPx}px ${(this.rows.length - end) * rowPx}px">
          ${repeat(
            this.rows.slice(first, end),
            (entry) => entry.seq,
            (entry, offset) => this.#line(entry, first + offset),
          )}
        </div>
      </div>
      ${
        this.hasOlder
          ? html`<div class="end">
              <button class="button" type="button" ?disabled=${this.isLoading} @click=${this.#askOlder}>
                ${this.isLoading ? "Searching…" : "Show older rows"}
              </button>
            </div>`
          : nothing
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-audit-rows": BnAuditRows;
  }
}
