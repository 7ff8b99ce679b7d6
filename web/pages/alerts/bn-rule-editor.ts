import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { SchemaFormChange } from "../../components/bn-schema-form.ts";
import { Action } from "../../controllers/action.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined, RuleBody } from "../../data/alerts-types.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import type { SeriesRecord } from "../../data/types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { readSchema } from "../../lib/json-schema.ts";
import { checkValue } from "../../lib/schema-check.ts";
import { familyTitle } from "../../lib/series-key.ts";
import "../../panels/bn-series-picker.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-definition-form.ts";
import "./bn-rule-preview.ts";
import { tabHref } from "./filters.ts";
import { goTo } from "./go-to.ts";
import { labelPairsOf, recordOf } from "./pairs.ts";
import {
  draftOf,
  judgeRule,
  kindOf,
  NEW_RULE,
  type RuleDraft,
  ruleOf,
  rulePointer,
  ruleSchema,
  withKind,
} from "./rule-form.ts";
import { type SeriesChoice, seriesOf } from "./series-choice.ts";

/** One rule: its fields, the series to choose from, and what it would have done. */
@customElement("bn-rule-editor")
export class BnRuleEditor extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      .whole {
        display: grid;
        grid-template-columns: minmax(320px, 5fr) minmax(0, 7fr);
        align-items: start;
        gap: var(--space-4);
      }

      .side {
        grid-template-columns: minmax(0, 1fr);
      }

      bn-series-picker {
        --picker-height: 420px;
        display: block;
      }

      /* Nothing is chosen yet: first what to choose from. */
      .choosing > bn-series-picker {
        order: -1;
      }

      @media (max-width: 1100px) {
        .whole {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) now: () => number = Date.now;
  /** Every rule; one of them may be edited. */
  @property({ attribute: false }) rules: readonly Defined<"rule">[] = [];
  /** Id of the rule that is edited; absent for a new one. */
  @property({ attribute: false }) ruleId: string | undefined;
  /** Id of the rule that a new one begins as a copy of. */
  @property({ attribute: false }) copyOf: string | undefined;
  /** Undefined while nothing was changed. */
  @state() private draft: RuleDraft | undefined;
  @state() private chosenKeys: readonly string[] = [];
  readonly #save = new Action(this);
  #keysFor = "";

  get #edited(): Defined<"rule"> | undefined {
    return this.rules.find(({ id }) => id === this.ruleId);
  }

  get #values(): RuleDraft {
    if (this.draft !== undefined) return this.draft;
    const source = this.#edited ?? this.rules.find(({ id }) => id === this.copyOf);
    if (source === undefined) return NEW_RULE;
    return this.#edited ? draftOf(source) : { ...draftOf(source), name: `${source.name} (copy)` };
  }

  get #schema(): object {
    return ruleSchema(
      kindOf(this.#values),
      this.rules.filter(({ id }) => id !== this.ruleId),
    );
  }

  /** The rule that the fields make; of its name and type nothing is asked before it is saved. */
  get #rule(): RuleBody | undefined {
    const values = { ...this.#values, name: "preview", alertType: "preview" };
    const wrong = checkValue(readSchema(this.#schema), values).size + judgeRule(values).size;
    return wrong === 0 ? ruleOf(this.#values) : undefined;
  }

  /** What the rule speaks of, as far as the fields say. */
  get #choice(): SeriesChoice | undefined {
    const { metric, labels } = this.#values;
    if (kindOf(this.#values) === "event" || typeof metric !== "string" || metric === "") return undefined;
    return { name: metric, labels: recordOf(labels) };
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("ruleId") || changed.has("copyOf")) this.draft = undefined;
  }

  protected override updated(): void {
    void this.#markChosen();
  }

  /** Ticks the series that the rule speaks of. */
  async #markChosen(): Promise<void> {
    const choice = this.#choice;
    const question = JSON.stringify(choice ?? {});
    if (question === this.#keysFor || this.metrics === undefined) return;
    this.#keysFor = question;
    const found = choice === undefined ? [] : await seriesOf(this.metrics, choice).catch(() => []);
    if (question === this.#keysFor) this.chosenKeys = found.map(({ key }) => key);
  }

  #changed({ detail: { values } }: CustomEvent<SchemaFormChange>): void {
    const kind = kindOf(values);
    this.draft = kind === kindOf(this.#values) ? values : withKind(values, kind);
    this.#save.clear();
  }

  async #choose(key: string): Promise<void> {
    try {
      const all = await this.metrics?.listSeries("");
      const series = all?.find((one) => one.key === key);
      if (series !== undefined) this.#take(series);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  #take(series: SeriesRecord): void {
    const { name, alertType } = this.#values;
    this.draft = {
      ...this.#values,
      ...{ metric: series.name, labels: labelPairsOf(series.labels) },
      // A beginning for whoever has not found words yet.
      name: name === "" ? familyTitle(series.name) : name,
      alertType: alertType === "" ? series.name : alertType,
    };
  }

  async #store(): Promise<void> {
    const { alerts } = this;
    if (alerts === undefined) return;
    const body = ruleOf(this.#values);
    const isDone = await this.#save.run(async () => {
      await alerts.save("rule", body, this.ruleId);
    });
    if (!isDone) return;
    this.toasts?.say(`The rule ${foreignText(body.name)} is saved`);
    goTo(this, tabHref("rules"));
  }

  #picker(): unknown {
    if (kindOf(this.#values) === "event") return nothing;
    return html`<bn-series-picker
      .metrics=${this.metrics}
      .selected=${this.chosenKeys}
      @toggle-series=${({ detail }: CustomEvent<string>) => void this.#choose(detail)}
    ></bn-series-picker>`;
  }

  protected override render(): unknown {
    const canWrite = this.session?.can("alerts:write") === true;
    const choice = this.#choice;
    return html`<div class="whole">
      <bn-definition-form
        heading=${this.ruleId === undefined ? "New rule" : "Rule"}
        .schema=${this.#schema}
        .values=${{ ...this.#values }}
        .judge=${judgeRule}
        .fieldOf=${rulePointer}
        .problem=${this.#save.problem}
        ?busy=${this.#save.isBusy}
        ?read-only=${!canWrite}
        @change=${this.#changed}
        @save=${() => void this.#store()}
        @cancel=${() => goTo(this, tabHref("rules"))}
        ></bn-definition-form>
      <div class=${choice === undefined ? "stack side choosing" : "stack side"}>
        <bn-rule-preview
          .alerts=${this.alerts}
          .metrics=${this.metrics}
          .rule=${this.#rule}
          .choice=${choice}
          .now=${this.now}
        ></bn-rule-preview>
        ${this.#picker()}
      </div>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-rule-editor": BnRuleEditor;
  }
}
