import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-menu.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Action } from "../../controllers/action.ts";
import { SEVERITY_WORDS } from "../../data/alert-words.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined, RuleBody, RuleStanding } from "../../data/alerts-types.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import type { Unit } from "../../data/types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-named-cell.ts";
import { tabHref } from "./filters.ts";
import { goTo } from "./go-to.ts";
import { conditionText } from "./rule-words.ts";

const NO_STANDINGS: ReadonlyMap<string, RuleStanding> = new Map();

/** The rules, each with whether it is on, how it stands and when it last fired. Fires `done` after a change. */
@customElement("bn-rule-list")
export class BnRuleList extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) rules: readonly Defined<"rule">[] = [];
  @property({ attribute: false }) standings = NO_STANDINGS;
  /** The unit of the metric of a name, where it is known. */
  @property({ attribute: false }) unitOf: (name: string) => Unit | undefined = () => undefined;
  readonly #change = new Action(this);

  async #run(work: (alerts: Alerts) => Promise<unknown>, told: string, undo?: () => void): Promise<void> {
    const { alerts } = this;
    if (alerts === undefined) return;
    const isDone = await this.#change.run(async () => {
      await work(alerts);
    });
    if (isDone) this.toasts?.say(told, "calm", undo && { label: "Undo", run: undo });
    else this.toasts?.sayFailure(this.#change.problem);
    this.dispatchEvent(new Event("done"));
  }

  async #turn(rule: Defined<"rule">, enabled: boolean): Promise<void> {
    const told = `${foreignText(rule.name)} is switched ${enabled ? "on" : "off"}`;
    const undo = () => void this.#turn({ ...rule, enabled }, !enabled);
    await this.#run((alerts) => alerts.save("rule", { ...bodyOf(rule), enabled }, rule.id), told, undo);
  }

  async #remove(rule: Defined<"rule">): Promise<void> {
    const open = this.standings.get(rule.id)?.open ?? 0;
    const alerts =
      open === 0 ? "" : ` ${open === 1 ? "Its open alert is" : `Its ${open} open alerts are`} resolved.`;
    const isSure = await confirmStep({
      heading: `Remove the rule ${foreignText(rule.name)}?`,
      consequence: `Nobody is told of this any more.${alerts} Alerts that it raised stay in the list of resolved ones.`,
      verb: "Remove the rule",
    });
    if (!isSure) return;
    const undo = () =>
      void this.#run((service) => service.restore("rule", bodyOf(rule), rule.id), "The rule is back");
    await this.#run(
      (service) => service.remove("rule", rule.id),
      `${foreignText(rule.name)} is removed`,
      undo,
    );
  }

  #columns(): readonly Column<Defined<"rule">>[] {
    const canWrite = this.session?.can("alerts:write") === true;
    return [
      {
        id: "name",
        label: "Rule",
        draw: (rule) => html`<bn-named-cell
          name=${foreignText(rule.name)}
          text=${conditionText(rule.condition, this.unitOf)}
          href=${tabHref("rules", { rule: rule.id })}
        ></bn-named-cell>`,
        compare: (a, b) => a.name.localeCompare(b.name),
        isWide: true,
      },
      { id: "state", label: "State", draw: (rule) => html`${this.#state(rule)}${this.#leftOut(rule)}` },
      { id: "severity", label: "Severity", draw: ({ severity }) => SEVERITY_WORDS[severity].word },
      {
        id: "fired",
        label: "Last fired",
        draw: ({ id }) => html`<bn-time .at=${this.standings.get(id)?.lastFiredAt ?? null}></bn-time>`,
      },
      {
        id: "on",
        label: "On",
        draw: (rule) => html`<input
          type="checkbox"
          role="switch"
          aria-label="Switch ${foreignText(rule.name)} on or off"
          ?disabled=${!canWrite || this.#change.isBusy}
          .checked=${live(rule.enabled)}
          @change=${() => void this.#turn(rule, !rule.enabled)}
        />`,
      },
      ...(canWrite ? [this.#menu()] : []),
    ];
  }

  #state({ id, enabled, severity }: Defined<"rule">): unknown {
    const open = this.standings.get(id)?.open ?? 0;
    if (!enabled) return html`<bn-status level="unknown">Off</bn-status>`;
    if (open === 0) return html`<bn-status level="calm">Quiet</bn-status>`;
    return html`<bn-status level=${SEVERITY_WORDS[severity].level}>${open === 1 ? "1 open" : `${open} open`}</bn-status>`;
  }

  /** What nobody is told of, since the rule has more to look at than it may. */
  #leftOut({ id }: Defined<"rule">): unknown {
    const { followed = 0, leftOut = 0 } = this.standings.get(id) ?? {};
    if (leftOut === 0) return "";
    return html` <bn-status level="watch">${followed} of ${(followed ?? 0) + leftOut} series</bn-status>`;
  }

  #menu(): Column<Defined<"rule">> {
    return {
      id: "menu",
      label: "",
      isMenu: true,
      draw: (rule) => html`<bn-menu
        label="What to do with ${foreignText(rule.name)}"
        .items=${[
          { label: "Edit", run: () => goTo(this, tabHref("rules", { rule: rule.id })) },
          { label: "Duplicate", run: () => goTo(this, tabHref("rules", { rule: "new", copy: rule.id })) },
          { label: "Remove", run: () => void this.#remove(rule) },
        ]}
        ><bn-icon name="more"></bn-icon
      ></bn-menu>`,
    };
  }

  protected override render(): unknown {
    const canWrite = this.session?.can("alerts:write") === true;
    return html`<section class="panel" aria-labelledby="heading">
      <header>
        <h2 id="heading">Rules</h2>
        ${
          canWrite
            ? html`<a class="button primary" href=${tabHref("rules", { rule: "new" })}
              ><bn-icon name="plus"></bn-icon>New rule</a
            >`
            : ""
        }
      </header>
      ${
        this.rules.length === 0
          ? html`<bn-empty
            icon="bell"
            heading="No rules"
            text="A rule watches a metric or events and raises an alert. While you write one, you see what it would have done on real history."
          ></bn-empty>`
          : html`<bn-table
            label="Rules"
            .columns=${this.#columns()}
            .rows=${this.rules}
            .keyOf=${(rule: Defined<"rule">) => rule.id}
          ></bn-table>`
      }
    </section>`;
  }
}

/** What of a rule is written, without what the server stamped on it. */
const bodyOf = ({ name, enabled, alertType, severity, condition, dependsOn }: Defined<"rule">): RuleBody => ({
  ...{ name, enabled, alertType, severity, condition, dependsOn },
});

declare global {
  interface HTMLElementTagNameMap {
    "bn-rule-list": BnRuleList;
  }
}
