import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-time.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { DeadLetter, Defined } from "../../data/alerts-types.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";

const MAX_REASON = 400;

/** Messages that could not be delivered, each with the reason; tried anew or discarded. */
@customElement("bn-dead-letters")
export class BnDeadLetters extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
        font-size: var(--text-13);
      }

      li + li {
        border-top: 1px solid var(--line);
      }

      p {
        overflow-wrap: anywhere;
      }

      .none {
        padding: var(--space-4);
        color: var(--soft);
        font-size: var(--text-13);
      }

      @media (max-width: 720px) {
        li {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) channels: readonly Defined<"channel">[] = [];
  readonly #load = new Load<DeadLetter[]>(this, async () => (await this.alerts?.deadLetters()) ?? []);
  readonly #change = new Action(this);

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("alerts")) void this.#load.run();
  }

  async #run(work: (alerts: Alerts) => Promise<void>, told: string): Promise<void> {
    const { alerts } = this;
    if (alerts === undefined) return;
    const isDone = await this.#change.run(() => work(alerts));
    if (isDone) this.toasts?.say(told);
    else this.toasts?.sayFailure(this.#change.problem);
    await this.#load.run();
  }

  async #discard({ id }: DeadLetter): Promise<void> {
    const isSure = await confirmStep({
      heading: "Discard this message?",
      consequence:
        "Nobody is told by it any more, and it cannot be brought back. The alert itself stays as it is.",
      verb: "Discard",
    });
    if (isSure) await this.#run((alerts) => alerts.discard(id), "The message is discarded");
  }

  #nameOf({ target }: DeadLetter): string {
    return foreignText(this.channels.find(({ id }) => id === target)?.name ?? "a removed channel");
  }

  #letter(letter: DeadLetter): unknown {
    const { id, attempts, settledAt, lastError } = letter;
    const canWrite = this.session?.can("events:write") === true;
    const name = this.#nameOf(letter);
    return html`<li>
      <div>
        <p>
          <b><bdi>${name}</bdi></b> · given up <bn-time .at=${settledAt}></bn-time> after
          ${attempts === 1 ? "1 attempt" : `${attempts} attempts`}
        </p>
        <p class="soft">${foreignText(lastError ?? "No reason was given.", MAX_REASON)}</p>
      </div>
      ${
        canWrite
          ? html`<div class="row">
            <button
              class="button"
              type="button"
              aria-label="Retry the message to ${name}"
              ?disabled=${this.#change.isBusy}
              @click=${() => void this.#run((alerts) => alerts.retry(id), "The message waits anew")}
            >
              Retry
            </button>
            <button
              class="button quiet danger"
              type="button"
              aria-label="Discard the message to ${name}"
              ?disabled=${this.#change.isBusy}
              @click=${() => void this.#discard(letter)}
            >
              Discard
            </button>
          </div>`
          : nothing
      }
    </li>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    return html`<section class="panel" aria-labelledby="letters">
      <header>
        <h2 id="letters">Not delivered</h2>
        <button class="button quiet" type="button" @click=${() => void this.#load.run()}>Look again</button>
      </header>
      ${
        state.kind === "failed"
          ? html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`
          : state.kind === "loading"
            ? html`<bn-skeleton shape="line"></bn-skeleton>`
            : state.value.length === 0
              ? html`<p class="none">Every message was delivered, or is still being tried.</p>`
              : html`<ul>${state.value.map((letter) => this.#letter(letter))}</ul>`
      }
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-dead-letters": BnDeadLetters;
  }
}
