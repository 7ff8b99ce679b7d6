import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-empty.ts";
import type { MenuItem } from "../../components/bn-menu.ts";
import type { StatusLevel } from "../../components/bn-status.ts";
import { Action } from "../../controllers/action.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined } from "../../data/alerts-types.ts";
import { stateOf } from "../../data/plugin-words.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-channel-kinds.ts";
import "./bn-dead-letters.ts";
import "./bn-route-offer.ts";
import "./bn-routing-list.ts";
import type { RoutingRow } from "./bn-routing-list.ts";
import { goTo } from "./go-to.ts";
import type { RoutingKind } from "./routing-fields.ts";
import { hrefOf, NEW, type RoutingKnown } from "./routing-known.ts";
import { matchText, routeText, windowState, windowText } from "./routing-words.ts";

const ON: { level: StatusLevel; word: string } = { level: "calm", word: "On" };
const OFF: { level: StatusLevel; word: string } = { level: "unknown", word: "Off" };

/** Channels, routes, maintenance windows, and what could not be delivered. Fires `done` after a change. */
@customElement("bn-routing-lists")
export class BnRoutingLists extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) now: () => number = Date.now;
  @property({ attribute: false }) known: RoutingKnown | undefined;
  readonly #change = new Action(this);

  get #canWrite(): boolean {
    return this.session?.can("alerts:write") === true;
  }

  async #run(work: (alerts: Alerts) => Promise<unknown>, told: string): Promise<void> {
    const { alerts } = this;
    if (alerts === undefined) return;
    const isDone = await this.#change.run(async () => {
      await work(alerts);
    });
    if (isDone) this.toasts?.say(told);
    else this.toasts?.sayFailure(this.#change.problem);
    this.dispatchEvent(new Event("done"));
  }

  async #remove(
    kind: RoutingKind,
    { id, name }: { id: string; name: string },
    consequence: string,
  ): Promise<void> {
    const called = foreignText(name);
    const isSure = await confirmStep({ heading: `Remove ${called}?`, consequence, verb: "Remove" });
    if (isSure) await this.#run((alerts) => alerts.remove(kind, id), `${called} is removed`);
  }

  #items(kind: RoutingKind, defined: Defined<RoutingKind>, consequence: string): MenuItem[] {
    if (!this.#canWrite) return [];
    const { id, name } = defined;
    const test: MenuItem = {
      label: "Send test",
      run: () => void this.#run((alerts) => alerts.testChannel(id), `${foreignText(name)} took the test`),
    };
    return [
      ...(kind === "channel" ? [test] : []),
      { label: "Edit", run: () => goTo(this, hrefOf(kind, id)) },
      { label: "Remove", run: () => void this.#remove(kind, defined, consequence) },
    ];
  }

  #adding(kind: RoutingKind, label: string) {
    return this.#canWrite ? { label, href: hrefOf(kind, NEW) } : undefined;
  }

  #channels({ channels, senders }: RoutingKnown): unknown {
    const rows = channels.map((channel): RoutingRow => {
      const sender = senders.find(({ id }) => id === channel.plugin);
      const state = sender === undefined ? ON : stateOf(sender);
      // A plugin that has not started yet does so for its first message.
      const isReady = state.level === "calm" || (state.level === "unknown" && sender?.enabled === true);
      const waiting = { level: "watch" as const, word: `Plugin: ${state.word.toLowerCase()}` };
      return {
        ...{ id: channel.id, name: foreignText(channel.name), href: hrefOf("channel", channel.id) },
        text: `by ${foreignText(sender?.name ?? channel.plugin)}`,
        status: channel.enabled ? (isReady ? ON : waiting) : OFF,
        items: this.#items(
          "channel",
          channel,
          "Nothing is sent by it any more. What waits to be sent is given up.",
        ),
      };
    });
    return html`<bn-routing-list
      heading="Channels"
      note="by which people are told"
      .rows=${rows}
      .adding=${rows.length === 0 ? undefined : this.#adding("channel", "New channel")}
    >
      <bn-empty
        icon="bell"
        heading="Nobody is told yet"
        text=${this.#canWrite ? "Choose how you want to be told, send yourself a test, then let a route decide which alerts go there." : "Whoever may change alerts can set up a channel here."}
      ></bn-empty>
      ${this.#canWrite ? html`<bn-channel-kinds .kinds=${senders}></bn-channel-kinds>` : nothing}
    </bn-routing-list>`;
  }

  #routes({ routes, channels }: RoutingKnown): unknown {
    const rows = routes.map(
      (route): RoutingRow => ({
        ...{ id: route.id, name: foreignText(route.name), href: hrefOf("route", route.id) },
        text: routeText(route, channels),
        status: route.enabled ? ON : OFF,
        items: this.#items("route", route, `Nobody is told by it any more of ${matchText(route.match)}.`),
      }),
    );
    return html`<bn-routing-list
      heading="Routes"
      note="which alerts go to which channels"
      .rows=${rows}
      .adding=${channels.length === 0 ? undefined : this.#adding("route", "New route")}
    >
      <bn-empty
        icon="radio"
        heading="No routes"
        text=${channels.length === 0 ? "A route takes alerts to channels: set up a channel first." : "A route takes alerts to channels. Without one, alerts stand here and nobody is told."}
        >${this.#canWrite && channels[0] ? this.#offer(channels[0]) : nothing}</bn-empty
      >
    </bn-routing-list>`;
  }

  #offer(channel: Defined<"channel">): unknown {
    return html`<bn-route-offer
      .alerts=${this.alerts}
      .toasts=${this.toasts}
      .channel=${channel}
      @made=${() => this.dispatchEvent(new Event("done"))}
    ></bn-route-offer>`;
  }

  #windows({ windows }: RoutingKnown): unknown {
    const rows = windows.map(
      (window): RoutingRow => ({
        ...{ id: window.id, name: foreignText(window.name), href: hrefOf("window", window.id) },
        text: windowText(window),
        status: windowState(window, this.now()),
        items: this.#items("window", window, "While it would be open, people are told again."),
      }),
    );
    return html`<bn-routing-list
      heading="Maintenance windows"
      note="nobody is told while one is open"
      .rows=${rows}
      .adding=${this.#adding("window", "New window")}
    >
      <bn-empty icon="clock" heading="None planned" text="Alerts of a time in which you work on the machine are kept back, and told afterwards if they are still true."></bn-empty>
    </bn-routing-list>`;
  }

  protected override render(): unknown {
    const { known } = this;
    if (known === undefined) return nothing;
    return html`<div class="stack">
      ${this.#channels(known)} ${this.#routes(known)} ${this.#windows(known)}
      ${
        this.session?.can("events:read")
          ? html`<bn-dead-letters
            .alerts=${this.alerts}
            .session=${this.session}
            .toasts=${this.toasts}
            .channels=${known.channels}
          ></bn-dead-letters>`
          : nothing
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-routing-lists": BnRoutingLists;
  }
}
