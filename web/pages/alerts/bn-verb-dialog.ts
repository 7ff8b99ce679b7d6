import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AlertVerb } from "../../../schema/rules/alert-states.ts";
import "../../components/bn-dialog.ts";
import "../../components/bn-field.ts";
import { ALERT_VERB_WORDS } from "../../data/alert-words.ts";
import type { VerbDetails } from "../../data/alerts.ts";
import type { Alert } from "../../data/alerts-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { fromLocalInput, toLocalInput } from "../../lib/local-input.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 30 * DAY_SECONDS;
const MAX_NOTE = 500;
const MUTES = [
  { id: "1h", label: "1 h", seconds: HOUR_SECONDS },
  { id: "8h", label: "8 h", seconds: 8 * HOUR_SECONDS },
  { id: "1d", label: "1 day", seconds: DAY_SECONDS },
  { id: "until", label: "Until…", seconds: undefined },
] as const;
const EXPLAINED: Readonly<Partial<Record<AlertVerb, string>>> = {
  acknowledge: "You look after it: escalation ends, and nobody else is asked.",
  mute: "Nobody is told of it until then; afterwards it fires again if it is still so.",
  resolve: "It is over. What raised it raises a new alert when it happens again.",
};

/** Asks for the note of a verb, and for how long a mute lasts. `ask` resolves with undefined when it is given up. */
@customElement("bn-verb-dialog")
export class BnVerbDialog extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    dialogFormStyles,
    css`
      .durations {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2) var(--space-4);
      }

      .durations label {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        min-height: var(--control-height);
      }

      textarea {
        min-height: 72px;
        padding: var(--space-2) var(--space-3);
        resize: vertical;
      }
    `,
  ];

  @property({ attribute: false }) now: () => number = Date.now;
  @state() private verb: AlertVerb = "acknowledge";
  @state() private asked: readonly Alert[] = [];
  @state() private mute = "1h";
  @state() private untilError: string | undefined;
  #details: VerbDetails | undefined;

  async ask(verb: AlertVerb, alerts: readonly Alert[]): Promise<VerbDetails | undefined> {
    this.verb = verb;
    this.asked = alerts;
    this.mute = "1h";
    this.untilError = undefined;
    this.#details = undefined;
    await this.updateComplete;
    // A form's own reset would leave none of the durations chosen.
    const note = this.renderRoot.querySelector("textarea");
    if (note !== null) note.value = "";
    await this.renderRoot.querySelector("bn-dialog")?.open();
    return this.#details;
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const note = String(fields.get("note")).trim();
    if (this.verb !== "mute") this.#details = { note };
    else {
      const seconds = this.#seconds(String(fields.get("until") ?? ""));
      if (seconds === undefined) return;
      this.#details = { note, seconds };
    }
    this.#close();
  }

  #seconds(until: string): number | undefined {
    const fixed = MUTES.find(({ id }) => id === this.mute)?.seconds;
    if (fixed !== undefined) return fixed;
    const seconds = Math.round((fromLocalInput(until) - this.now()) / 1_000);
    const isRight = seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS;
    this.untilError = isRight ? undefined : "must lie between a minute and 30 days from now";
    return isRight ? seconds : undefined;
  }

  #durations(): unknown {
    return html`<fieldset>
        <legend>For how long</legend>
        <div class="durations">
          ${MUTES.map(
            ({ id, label }) =>
              html`<label
                ><input
                  type="radio"
                  name="mute"
                  value=${id}
                  .checked=${id === this.mute}
                  @change=${() => {
                    this.mute = id;
                  }}
                />${label}</label
              >`,
          )}
        </div>
      </fieldset>
      ${
        this.mute === "until"
          ? html`<bn-field label="Until" help="In your time zone" .error=${this.untilError}
              ><input type="datetime-local" name="until" value=${toLocalInput(this.now() + DAY_SECONDS * 1_000).slice(0, 16)}
            /></bn-field>`
          : nothing
      }`;
  }

  protected override render(): unknown {
    const { verb, asked } = this;
    const { label } = ALERT_VERB_WORDS[verb];
    const [first] = asked;
    const what = asked.length === 1 ? foreignText(first?.message ?? "") : `${asked.length} alerts`;
    return html`<bn-dialog heading=${asked.length === 1 ? `${label} this alert` : `${label} ${asked.length} alerts`}>
      <form novalidate @submit=${this.#submit}>
        <p><b>${what}</b></p>
        ${verb === "mute" ? this.#durations() : nothing}
        <bn-field label="Note (optional)" help=${EXPLAINED[verb] ?? ""}
          ><textarea name="note" maxlength=${MAX_NOTE}></textarea></bn-field
        >
        <footer>
          <button class="button" type="button" @click=${this.#close}>Cancel</button>
          <button class="button primary" type="submit">${label}</button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-verb-dialog": BnVerbDialog;
  }
}
