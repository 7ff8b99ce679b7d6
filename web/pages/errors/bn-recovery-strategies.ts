import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import { Load } from "../../controllers/load.ts";
import type { Incidents, RecoveryStrategy } from "../../data/incidents.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import { strategyWord, successText } from "./words.ts";

const COLUMNS: readonly Column<RecoveryStrategy>[] = [
  { id: "name", label: "Strategy", draw: ({ name }) => strategyWord(name) },
  { id: "description", label: "What it does", draw: ({ description }) => description, isWide: true },
  {
    id: "successes",
    label: "Worked",
    draw: ({ successes, attempts }) => successText(successes, attempts),
    isNumber: true,
  },
];

/** How failures are recovered from before anybody has to look. */
@customElement("bn-recovery-strategies")
export class BnRecoveryStrategies extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      header .faint {
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) incidents: Incidents | undefined;
  readonly #load = new Load<RecoveryStrategy[]>(this, async () => (await this.incidents?.strategies()) ?? []);

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    return html`<bn-table
      label="Recovery strategies"
      .columns=${COLUMNS}
      .rows=${state.value}
      .keyOf=${(row: RecoveryStrategy) => row.name}
    ></bn-table>`;
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-labelledby="heading">
      <header><h2 id="heading">Recovery</h2><span class="faint">Tried in this order before an error is kept</span></header>
      ${this.#content()}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-recovery-strategies": BnRecoveryStrategies;
  }
}
