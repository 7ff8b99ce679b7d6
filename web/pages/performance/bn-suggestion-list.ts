import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import { Load } from "../../controllers/load.ts";
import type { Operations, Suggestion } from "../../data/operations.ts";
import { foreignText, foreignValue } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { evidenceValue, evidenceWord, nextStep, suggestionWord } from "./suggestion-words.ts";

/** What could be better: what was seen, the figures that show it, and the next step. */
@customElement("bn-suggestion-list")
export class BnSuggestionList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      article {
        display: grid;
        gap: var(--space-3);
        padding: var(--space-4);
        border-bottom: 1px solid var(--line);
      }

      article:last-child {
        border-bottom: 0;
      }

      h3 {
        overflow-wrap: anywhere;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2) var(--space-6);
        font-size: var(--text-13);
      }

      dt {
        color: var(--faint);
        font-size: var(--text-12);
      }

      dd {
        overflow-wrap: anywhere;
      }

      .long {
        flex-basis: 100%;
        font-family: var(--font-mono);
        font-size: var(--text-12);
      }
    `,
  ];

  @property({ attribute: false }) operations: Operations | undefined;
  readonly #load = new Load<Suggestion[]>(this, async () => (await this.operations?.suggestions()) ?? []);
  #isLoaded = false;

  reload(): void {
    void this.#load.run();
  }

  protected override updated(): void {
    if (this.operations === undefined || this.#isLoaded) return;
    this.#isLoaded = true;
    this.reload();
  }

  #one({ kind, subject, finding, action, evidence }: Suggestion): unknown {
    const step = nextStep(kind, subject);
    return html`<article>
      <div>
        <bn-status level="watch">${suggestionWord(kind)}</bn-status>
        <h3>${foreignText(subject)}</h3>
      </div>
      <p>${foreignText(finding, 1_000)} <span class="soft">${action}</span></p>
      <dl>
        ${Object.entries(evidence).map(
          ([name, value]) =>
            html`<div class=${typeof value === "string" ? "long" : ""}>
              <dt>${evidenceWord(name)}</dt>
              <dd>${typeof value === "string" ? foreignValue(value, 500) : evidenceValue(name, value)}</dd>
            </div>`,
        )}
      </dl>
      <div class="row"><a class="button" href=${step.href}>${step.label}</a></div>
    </article>`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => this.reload()}></bn-error>`;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.value.length === 0)
      return html`<bn-empty
        icon="check"
        heading="No suggestion"
        text="Looked at: operations that became slower than in the days before, that fail often, plugins near their time limit, queries asked again with the same answer, and statements that read whole tables."
      ></bn-empty>`;
    return state.value.map((one) => this.#one(one));
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-label="Suggestions">${this.#content()}</section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-suggestion-list": BnSuggestionList;
  }
}
