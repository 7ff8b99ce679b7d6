import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../components/bn-status.ts";
import "../components/bn-time.ts";
import type { AttentionItem } from "../data/attention-rules.ts";
import { baseStyles, controlStyles, layoutStyles } from "../styles/shared.ts";

const WORDS = { alarm: "Alarm", watch: "Watch" } as const;

/** What needs a person, worst first, each with its next step; when nothing does, the proof of it. */
@customElement("bn-attention-panel")
export class BnAttentionPanel extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      header h2 {
        font-size: var(--text-16);
      }

      header:last-child {
        border-bottom: 0;
      }

      .proof {
        color: var(--faint);
        font-size: var(--text-13);
      }

      li {
        display: grid;
        grid-template-columns: 70px minmax(0, 1fr) auto auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
      }

      li + li {
        border-top: 1px solid var(--line);
      }

      /* Names that others chose may be one long word. */
      h3,
      p {
        overflow-wrap: anywhere;
      }

      h3 + p {
        margin-top: 2px;
        color: var(--soft);
        font-size: var(--text-13);
      }

      bn-time {
        color: var(--faint);
        font-size: var(--text-13);
      }

      .step {
        grid-column: 4;
      }

      @media (max-width: 720px) {
        li {
          grid-template-columns: 84px minmax(0, 1fr);
        }

        bn-status {
          align-self: start;
        }

        bn-time,
        .step {
          grid-column: 2;
          justify-self: start;
        }
      }
    `,
  ];

  @property({ attribute: false }) items: readonly AttentionItem[] = [];
  /** Evidence that somebody looked: `118 series · last sample 2 s ago`. */
  @property() proof = "";
  /** False until the first sample: nothing may be called calm before. */
  @property({ type: Boolean }) known = false;

  #heading(): unknown {
    const count = this.items.length;
    if (count > 0) return html`<h2>${count === 1 ? "1 thing needs you" : `${count} things need you`}</h2>`;
    if (!this.known) return html`<h2>Looking at the first sample…</h2>`;
    return html`<h2><bn-status level="calm"><b>All calm</b></bn-status></h2>`;
  }

  #item(item: AttentionItem, position: number): unknown {
    return html`<li>
      <bn-status level=${item.severity}>${WORDS[item.severity]}</bn-status>
      <div>
        <h3>${item.title}</h3>
        <p>${item.detail}</p>
      </div>
      ${item.sinceMs === undefined ? nothing : html`<bn-time .at=${item.sinceMs}></bn-time>`}
      <div class="row step">
        ${
          item.verb === undefined
            ? nothing
            : html`<button class="button" type="button" aria-label="${item.verb.label}: ${item.title}" @click=${item.verb.run}>
              ${item.verb.label}
            </button>`
        }
        <a class="button ${position === 0 ? "primary" : ""}" href=${item.action.href}>${item.action.label}</a>
      </div>
    </li>`;
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-label="What needs attention">
      <header>${this.#heading()}<span class="proof">${this.proof}</span></header>
      ${
        this.items.length === 0
          ? nothing
          : html`<ul>
            ${this.items.map((item, position) => this.#item(item, position))}
          </ul>`
      }
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-attention-panel": BnAttentionPanel;
  }
}
