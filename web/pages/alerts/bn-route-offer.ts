import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-error.ts";
import { Action } from "../../controllers/action.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined, RouteBody } from "../../data/alerts-types.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

/** While no route leads anywhere: one click takes what is serious to a channel. Fires `made` (CustomEvent<id>). */
@customElement("bn-route-offer")
export class BnRouteOffer extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: grid;
        justify-items: start;
        gap: var(--space-3);
        font-size: var(--text-13);
      }

      :host([text]) {
        padding: var(--space-4);
      }

      p {
        color: var(--soft);
      }

      button {
        max-width: 100%;
        height: auto;
        min-height: var(--control-height);
        white-space: normal;
        text-align: start;
        overflow-wrap: anywhere;
      }

      bn-error {
        padding: 0;
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  /** What stands above the button, where nothing around it says why. */
  @property() text = "";
  @property({ attribute: false }) channel: Defined<"channel"> | undefined;
  readonly #make = new Action(this);

  async #offer({ id, name }: Defined<"channel">): Promise<void> {
    const { alerts } = this;
    if (alerts === undefined) return;
    let made = "";
    const isDone = await this.#make.run(async () => {
      ({ id: made } = await alerts.save("route", defaultRoute(id)));
    });
    if (!isDone) return;
    this.toasts?.say(`${foreignText(name)} is told of what is high or critical`);
    this.dispatchEvent(new CustomEvent("made", { detail: made }));
  }

  protected override render(): unknown {
    const { channel } = this;
    if (channel === undefined) return nothing;
    const { isBusy, problem } = this.#make;
    return html`${this.text === "" ? nothing : html`<p>${this.text}</p>`}
      <button class="button primary" type="button" ?disabled=${isBusy} @click=${() => void this.#offer(channel)}>
        Tell ${foreignText(channel.name)} of what is high or critical
      </button>
      ${problem === undefined ? nothing : html`<bn-error .problem=${problem}></bn-error>`}`;
  }
}

/** Of what no other route takes, so that nobody is told twice once there are routes for some of it. */
const defaultRoute = (channelId: string): RouteBody => ({
  ...{
    name: "High and worse",
    enabled: true,
    match: { severities: ["HIGH", "CRITICAL"] },
    onlyUnrouted: true,
  },
  ...{ channels: [channelId], groupBy: [], groupWaitSeconds: 10, groupIntervalSeconds: 300 },
  ...{ tellResolved: true, escalation: [] },
});

declare global {
  interface HTMLElementTagNameMap {
    "bn-route-offer": BnRouteOffer;
  }
}
