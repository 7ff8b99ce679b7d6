import { html, nothing } from "lit";
import type { AlertVerb } from "../../../schema/rules/alert-states.ts";
import { compareSeverities } from "../../../schema/rules/severities.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-menu.ts";
import "../../components/bn-status.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { ALERT_VERB_WORDS, alertHref, SEVERITY_WORDS, stateOf } from "../../data/alert-words.ts";
import type { Alert } from "../../data/alerts-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatFigure } from "../../lib/format.ts";
import "./bn-named-cell.ts";

const MAX_NAME = 40;
const MAX_MESSAGE = 200;
const MAX_LABEL = 60;
const MAX_LABELS_SHOWN = 4;

/** What the rows of the list ask of it. */
export interface RowActions {
  isChosen(alert: Alert): boolean;
  choose(alert: Alert, isChosen: boolean): void;
  verbsOf(alert: Alert): readonly AlertVerb[];
  run(verb: AlertVerb, alert: Alert): void;
}

/** What an alert says, its type and its labels; the message leads to its page. */
function drawAlert({ id, message, type, labels }: Alert): unknown {
  const facts = Object.entries(labels).map(
    ([name, value]) => `${foreignText(name, MAX_LABEL)}=${foreignText(value, MAX_LABEL)}`,
  );
  const more = facts.length - MAX_LABELS_SHOWN;
  return html`<bn-named-cell
    name=${foreignText(message, MAX_MESSAGE)}
    href=${alertHref(id)}
    code=${foreignText(type, MAX_LABEL)}
    .facts=${[...facts.slice(0, MAX_LABELS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])]}
  ></bn-named-cell>`;
}

/** The columns of the list of alerts; without the right to change any, without those for changing. */
export function alertColumns(actions: RowActions, canWrite: boolean): readonly Column<Alert>[] {
  const reading: Column<Alert>[] = [
    {
      id: "state",
      label: "State",
      draw: (alert) => {
        const { level, word } = stateOf(alert);
        return html`${canWrite ? chooser(actions, alert) : nothing}<bn-status level=${level}>${word}</bn-status>`;
      },
    },
    {
      id: "severity",
      label: "Severity",
      draw: ({ severity }) => SEVERITY_WORDS[severity].word,
      compare: (a, b) => compareSeverities(a.severity, b.severity),
    },
    {
      id: "what",
      label: "What",
      draw: drawAlert,
      isWide: true,
    },
    {
      id: "since",
      label: "Since",
      draw: ({ raisedAt }) => html`<bn-time .at=${raisedAt}></bn-time>`,
      compare: (a, b) => Date.parse(a.raisedAt) - Date.parse(b.raisedAt),
    },
    {
      id: "times",
      label: "Times",
      draw: ({ occurrences }) => formatFigure(occurrences, 0),
      compare: (a, b) => a.occurrences - b.occurrences,
      isNumber: true,
      isSecondary: true,
    },
    { id: "who", label: "Looked after by", draw: (alert) => whoOf(alert), isSecondary: true },
  ];
  return canWrite ? [...reading, menu(actions)] : reading;
}

const chooser = ({ isChosen, choose }: RowActions, alert: Alert): unknown => html`<input
  type="checkbox"
  class="choose"
  aria-label="Choose ${foreignText(alert.message, MAX_NAME)}"
  .checked=${isChosen(alert)}
  @change=${({ target }: Event) => {
    if (target instanceof HTMLInputElement) choose(alert, target.checked);
  }}
/>`;

const menu = ({ verbsOf, run }: RowActions): Column<Alert> => ({
  id: "menu",
  label: "",
  isMenu: true,
  draw: (alert) =>
    verbsOf(alert).length === 0
      ? ""
      : html`<bn-menu
        label="What to do about ${foreignText(alert.message, MAX_NAME)}"
        .items=${verbsOf(alert).map((verb) => ({ label: ALERT_VERB_WORDS[verb].label, run: () => run(verb, alert) }))}
        ><bn-icon name="more"></bn-icon
      ></bn-menu>`,
});

function whoOf({ state, stateChangedBy, mutedUntil }: Alert): unknown {
  if (state === "acknowledged") return html`<bdi>${foreignText(stateChangedBy, MAX_NAME)}</bdi>`;
  if (state !== "muted") return html`<span class="faint">–</span>`;
  return html`<span>muted, ends <bn-time .at=${mutedUntil}></bn-time></span>`;
}
