import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import { Load } from "../../controllers/load.ts";
import type { LogContext, LogLine, Logs } from "../../data/logs.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { logsHref } from "./address.ts";
import { rowText } from "./line-text.ts";
import { levelStyles } from "./list-styles.ts";

const FIRST = 5;
const MORE = 20;
const MAX_SOURCE = 60;
/** Most lines that the server gives on each side. */
const MOST = 200;

/** What came before and after a line; more on request. */
@customElement("bn-log-context")
export class BnLogContext extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    levelStyles,
    css`
      :host {
        display: block;
      }

      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2);
        padding-bottom: var(--space-2);
      }

      label {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        min-height: 28px;
        color: var(--soft);
        font-size: var(--text-13);
      }

      ol {
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        overflow: auto;
        max-height: 40dvh;
        font-family: var(--font-mono);
        font-size: var(--text-12);
      }

      li a {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: var(--space-3);
        padding: 3px var(--space-3);
        border-left: 2px solid transparent;
        text-decoration: none;
      }

      li a:hover {
        background: var(--hover);
      }

      li a:focus-visible {
        outline-offset: -2px;
      }

      .warning a {
        border-left-color: var(--watch);
      }

      .error a {
        border-left-color: var(--alarm);
      }

      a[aria-current] {
        background: var(--brass-wash);
      }

      time {
        color: var(--soft);
      }

      a span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .more {
        width: 100%;
        min-height: 28px;
        font-family: var(--font-sans);
      }

      @media (max-width: 720px) {
        .more,
        label,
        li a {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) logs: Logs | undefined;
  @property({ attribute: false }) lineId = 0;
  @state() private beforeCount = FIRST;
  @state() private afterCount = FIRST;
  @state() private everySource = false;
  readonly #load = new Load<LogContext | undefined>(this, async () =>
    this.logs?.context(this.lineId, {
      before: this.beforeCount,
      after: this.afterCount,
      everySource: this.everySource,
    }),
  );
  #shownFor = "";

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("lineId")) [this.beforeCount, this.afterCount] = [FIRST, FIRST];
  }

  protected override updated(): void {
    const key = `${this.lineId} ${this.beforeCount} ${this.afterCount} ${this.everySource}`;
    if (key === this.#shownFor || this.logs === undefined) return;
    this.#shownFor = key;
    void this.#load.run();
  }

  #line(line: LogLine): unknown {
    const { time, cut } = rowText(line);
    return html`<li class=${line.level}>
      <a
        href=${logsHref({ at: line.id, line: line.id })}
        aria-current=${line.id === this.lineId ? "true" : nothing}
        title=${line.level}
        ><time datetime=${line.at}>${time}</time
        ><span>${this.everySource ? html`<b>${foreignText(line.source, MAX_SOURCE)}</b> ` : nothing}${cut}</span></a
      >
    </li>`;
  }

  #more(count: number, shown: number, label: string, more: () => void): unknown {
    if (shown < count || count >= MOST) return nothing;
    return html`<li>
      <button class="button quiet more" type="button" @click=${more}>${label}</button>
    </li>`;
  }

  #lines({ before, line, after }: LogContext): unknown {
    const grown = (count: number): number => Math.min(MOST, count + MORE);
    return html`<ol aria-label="Lines around it, oldest first">
      ${this.#more(this.beforeCount, before.length, `${MORE} more before`, () => {
        this.beforeCount = grown(this.beforeCount);
      })}
      ${[...before, line, ...after].map((one) => this.#line(one))}
      ${this.#more(this.afterCount, after.length, `${MORE} more after`, () => {
        this.afterCount = grown(this.afterCount);
      })}
    </ol>`;
  }

  #content(): unknown {
    const { state: load } = this.#load;
    if (load.kind === "failed")
      return html`<bn-error .problem=${load.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    return load.kind === "ready" && load.value !== undefined
      ? this.#lines(load.value)
      : html`<bn-skeleton></bn-skeleton>`;
  }

  protected override render(): unknown {
    return html`<div class="head">
        <h3>Around it</h3>
        <label
          ><input
            type="checkbox"
            .checked=${this.everySource}
            @change=${({ target }: Event) => {
              if (target instanceof HTMLInputElement) this.everySource = target.checked;
            }}
          />Other sources too</label
        >
      </div>
      ${this.#content()}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-log-context": BnLogContext;
  }
}
