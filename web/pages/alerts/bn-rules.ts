import { html, LitElement, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { drawLoad } from "../../components/drawn-load.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { AlertWatch } from "../../data/alert-watch.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined, RuleStanding } from "../../data/alerts-types.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-rule-editor.ts";
import "./bn-rule-list.ts";
import { tabHref } from "./filters.ts";
import { drawMissing } from "./missing.ts";

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
  @property({ attribute: false }) live: Pick<LiveMetrics, "series" | "unitOf"> | undefined;
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
    new Observe(this, () => this.live?.series);
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
      return drawMissing("There is no such rule", tabHref("rules"), "All rules");
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
    return drawLoad(this.#load, (known) => (this.rule === "" ? this.#list(known) : this.#editor(known)));
  }

  #list({ rules, standings }: Known): unknown {
    return html`<bn-rule-list
      .alerts=${this.alerts}
      .session=${this.session}
      .toasts=${this.toasts}
      .rules=${rules}
      .standings=${standings}
      .unitOf=${(name: string) => this.live?.unitOf(name)}
      @done=${() => void this.#load.run()}
    ></bn-rule-list>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-rules": BnRules;
  }
}
