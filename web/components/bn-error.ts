import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ApiProblem } from "../data/problem.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import "./bn-copy.ts";
import "./bn-status.ts";

/** A failure in words: what happened, what to do, and the correlation id to copy. Fires `retry`. */
@customElement("bn-error")
export class BnError extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: block;
        padding: var(--space-4);
      }

      div {
        display: grid;
        justify-items: start;
        gap: var(--space-2);
      }

      p {
        max-width: 70ch;
        color: var(--soft);
      }

      .reference {
        display: inline-flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2);
        color: var(--faint);
        font-size: var(--text-12);
      }
    `,
  ];

  @property({ attribute: false }) problem: ApiProblem | undefined;
  /** Offers "Try again". */
  @property({ type: Boolean, attribute: "can-retry" }) canRetry = false;

  protected override render(): unknown {
    const { problem } = this;
    if (problem === undefined) return nothing;
    return html`<div role="alert">
      <bn-status level="alarm">${problem.title}</bn-status>
      <p>${problem.detail}</p>
      ${
        problem.correlationId === undefined
          ? nothing
          : html`<span class="reference"
            >Correlation id <code>${problem.correlationId}</code>
            <bn-copy .text=${problem.correlationId} label="Copy correlation id"></bn-copy>
          </span>`
      }
      ${
        this.canRetry
          ? html`<button class="button" type="button" @click=${() => this.dispatchEvent(new Event("retry"))}>
            Try again
          </button>`
          : nothing
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-error": BnError;
  }
}
