import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-status.ts";
import { SEVERITY_WORDS, stateOf } from "../../data/alert-words.ts";
import type { AlertTransition } from "../../data/alerts-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatExact } from "../../lib/format.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";

const MAX_NAME = 60;
const MAX_NOTE = 500;

/** What became of an alert, the latest first: when, by whom, and why. */
@customElement("bn-alert-course")
export class BnAlertCourse extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      li {
        display: grid;
        grid-template-columns: 130px minmax(0, 1fr);
        gap: 2px var(--space-4);
        padding: var(--space-3) var(--space-4);
        font-size: var(--text-13);
      }

      li + li {
        border-top: 1px solid var(--line);
      }

      time {
        color: var(--faint);
        font-variant-numeric: tabular-nums;
      }

      q,
      p {
        overflow-wrap: anywhere;
      }

      q {
        grid-column: 2;
        color: var(--soft);
      }

      @media (max-width: 720px) {
        li {
          grid-template-columns: minmax(0, 1fr);
        }

        q {
          grid-column: 1;
        }
      }
    `,
  ];

  /** Oldest first. */
  @property({ attribute: false }) timeline: readonly AlertTransition[] = [];

  #step({ from, to, severity, at, by, note }: AlertTransition): unknown {
    const { level, word } = stateOf({ state: to, severity });
    const how =
      from === null ? `raised, ${SEVERITY_WORDS[severity].word.toLowerCase()}` : from === to ? "again" : "";
    return html`<li>
      <bn-status level=${level}>${word}</bn-status>
      <p>
        ${how === "" ? nothing : `${how}, `}by <bdi>${foreignText(by, MAX_NAME)}</bdi> ·
        <time datetime=${at}>${formatExact(Date.parse(at))}</time>
      </p>
      ${note === "" ? nothing : html`<q>${foreignText(note, MAX_NOTE)}</q>`}
    </li>`;
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-labelledby="course">
      <header><h2 id="course">What became of it</h2></header>
      <ol>
        ${this.timeline.toReversed().map((one) => this.#step(one))}
      </ol>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-course": BnAlertCourse;
  }
}
