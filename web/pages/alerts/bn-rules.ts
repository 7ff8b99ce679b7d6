import { html, LitElement, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { AlertWatch } from "../../data/alert-watch.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined, RuleStanding } from "../../data/alerts-types.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-rule-editor.ts";
import "./bn-rule-list.ts";
import { tabHref } from "./filters.ts";

interface Known {
  rules: readonly Defined<"rule">[];
  standings: ReadonlyMap<string, RuleStanding>;
}

const NEW = "new";

/** The rules: their list, or the editor of the one that the address names. */
@customElement("bn-rules")
export class BnRules extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) watch: AlertWatch | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) now: () => number = Date.now;
  /** Id of the rule to edit, `new`, or empty for the list. */
  @property() rule = "";
  @property() copy = "";
  readonly #load = new Load<Known | undefined>(this, () => this.#read());

  constructor() {
    super();
    new Observe(
      this,
      () => this.watch?.changed,
      () => void this.#load.run(),
    );
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("alerts") || changed.has("rule")) void this.#load.run();
  }

  async #read(): Promise<Known | undefined> {
    if (this.alerts === undefined) return undefined;
    const [rules, standings] = await Promise.all([
      this.alerts.listDefined("rule"),
      this.alerts.ruleStandings(),
    ]);
    return { rules, standings };
  }

  #editor({ rules }: Known): unknown {
    if (this.rule !== NEW && !rules.some(({ id }) => id === this.rule))
      return html`<section class="panel">
        <bn-empty icon="search" heading="There is no such rule" text="It may have been removed meanwhile.">
          <a class="button" href=${tabHref("rules")}>All rules</a>
        </bn-empty>
      </section>`;
    return html`<bn-rule-editor
      .alerts=${this.alerts}
      .metrics=${this.metrics}
      .session=${this.session}
      .toasts=${this.toasts}
      .now=${this.now}
      .rules=${rules}
      .ruleId=${this.rule === NEW ? undefined : this.rule}
      .copyOf=${this.copy === "" ? undefined : this.copy}
    ></bn-rule-editor>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<section class="panel">
        <bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>
      </section>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (this.rule !== "") return this.#editor(state.value);
    return html`<bn-rule-list
      .alerts=${this.alerts}
      .session=${this.session}
      .toasts=${this.toasts}
      .rules=${state.value.rules}
      .standings=${state.value.standings}
      @done=${() => void this.#load.run()}
    ></bn-rule-list>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-rules": BnRules;
  }
}
