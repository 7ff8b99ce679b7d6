import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import "../../components/bn-time.ts";
import type { EventRecord } from "../../data/events.ts";
import { formatDayAndTime, formatTimeOfDay } from "../../lib/format.ts";
import { baseStyles } from "../../styles/shared.ts";
import { type RowWindow, rowWindow, WHOLE_LIMIT } from "./window.ts";

const DESKTOP_ROW = 36;
const PHONE_ROW = 60;
const PHONE = "(max-width: 720px)";
const MAX_PREVIEW = 200;

/** Events, newest first; only the rows that are seen are drawn once there are many. */
@customElement("bn-event-list")
export class BnEventList extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      .scroll {
        max-height: max(320px, calc(100dvh - 250px));
        overflow: auto;
      }

      a {
        display: grid;
        grid-template-columns: 100px minmax(120px, 240px) minmax(80px, 180px) minmax(0, 1fr);
        align-items: center;
        gap: 0 var(--space-4);
        height: 36px;
        padding: 0 var(--space-4);
        border-bottom: 1px solid var(--line);
        font-size: var(--text-13);
        text-decoration: none;
        white-space: nowrap;
      }

      a:hover {
        background: var(--hover);
      }

      a:focus-visible {
        outline-offset: -2px;
      }

      a[aria-current] {
        background: var(--brass-wash);
      }

      span {
        overflow: hidden;
        text-overflow: ellipsis;
      }

      .time {
        color: var(--faint);
        font-variant-numeric: tabular-nums;
      }

      .type {
        font-weight: 500;
      }

      .source,
      .payload {
        color: var(--soft);
      }

      .payload {
        font-family: var(--font-mono);
        font-size: var(--text-12);
      }

      @media (max-width: 720px) {
        .scroll {
          max-height: none;
          overflow: visible;
        }

        .scroll.long {
          max-height: 70dvh;
          overflow: auto;
        }

        a {
          grid-template-columns: minmax(0, 1fr) auto;
          align-content: center;
          height: 60px;
        }

        .time {
          grid-column: 2;
          grid-row: 1;
        }

        .payload {
          display: none;
        }
      }
    `,
  ];

  /** Newest first. */
  @property({ attribute: false }) events: readonly EventRecord[] = [];
  @property({ attribute: false }) selectedId = "";
  /** The address of an event. */
  @property({ attribute: false }) hrefOf: (event: EventRecord) => string = () => "/events";
  @state() private top = 0;
  @state() private height = 800;

  get #rowHeight(): number {
    return matchMedia(PHONE).matches ? PHONE_ROW : DESKTOP_ROW;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("events") && this.events.length <= WHOLE_LIMIT) this.top = 0;
  }

  #scrolled(event: Event): void {
    if (!(event.target instanceof HTMLElement)) return;
    this.top = event.target.scrollTop;
    this.height = event.target.clientHeight;
  }

  /** Arrow keys go from row to row. */
  #onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const rows = [...this.renderRoot.querySelectorAll<HTMLAnchorElement>("a")];
    const at = rows.findIndex((row) => row.matches(":focus"));
    const next = rows[at + step];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  }

  #row(event: EventRecord, position: number): unknown {
    const { id, type, source, time } = event;
    return html`<li aria-setsize=${this.events.length} aria-posinset=${position + 1}>
      <a href=${this.hrefOf(event)} aria-current=${id === this.selectedId ? "true" : nothing}>
        <span class="time" title=${time}>${shortTime(Date.parse(time))}</span>
        <span class="type">${type}</span>
        <span class="source">${source}</span>
        <span class="payload">${previewOf(event.payload)}</span>
      </a>
    </li>`;
  }

  get #window(): RowWindow {
    return rowWindow(this.events.length, this.top, this.height, this.#rowHeight);
  }

  /** The room of the rows that are not drawn; set here because the page's policy forbids style attributes. */
  protected override updated(): void {
    const list = this.renderRoot.querySelector("ul");
    if (list === null) return;
    const { from, to } = this.#window;
    list.style.paddingTop = `${from * this.#rowHeight}px`;
    list.style.paddingBottom = `${(this.events.length - to) * this.#rowHeight}px`;
  }

  protected override render(): unknown {
    const count = this.events.length;
    const { from, to } = this.#window;
    const shown = this.events.slice(from, to);
    return html`<div class=${count > WHOLE_LIMIT ? "scroll long" : "scroll"} @scroll=${this.#scrolled}>
      <ul
        aria-label="Events, newest first"
        @keydown=${this.#onKey}
      >
        ${repeat(
          shown,
          (event) => event.id,
          (event, index) => this.#row(event, from + index),
        )}
      </ul>
    </div>`;
  }
}

const DAY_MS = 86_400_000;

/** The time of day to the second; of another day, the day and the minute. */
const shortTime = (atMs: number): string =>
  Date.now() - atMs < DAY_MS ? formatTimeOfDay(atMs) : formatDayAndTime(atMs);

/** The payload on one line, cut. */
const previewOf = (payload: unknown): string => JSON.stringify(payload ?? null).slice(0, MAX_PREVIEW);

declare global {
  interface HTMLElementTagNameMap {
    "bn-event-list": BnEventList;
  }
}
