import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import type { MenuItem } from "../../components/bn-menu.ts";
import "../../components/bn-skeleton.ts";
import type { StatusLevel } from "../../components/bn-status.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined } from "../../data/alerts-types.ts";
import { stateOf } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-channel-editor.ts";
import "./bn-channel-kinds.ts";
import "./bn-dead-letters.ts";
import "./bn-route-offer.ts";
import "./bn-routing-editor.ts";
import "./bn-routing-list.ts";
import type { RoutingRow } from "./bn-routing-list.ts";
import { tabHref } from "./filters.ts";
import { goTo } from "./go-to.ts";
import type { RoutingKind } from "./routing-fields.ts";
import { matchText, routeText, windowState, windowText } from "./routing-words.ts";

interface Known {
  channels: readonly Defined<"channel">[];
  routes: readonly Defined<"route">[];
  windows: readonly Defined<"window">[];
  /** Plugins that send alerts, as far as the reader may see them. */
  senders: readonly Plugin[];
}

const NEW = "new";
const ON: { level: StatusLevel; word: string } = { level: "calm", word: "On" };
const OFF: { level: StatusLevel; word: string } = { level: "unknown", word: "Off" };

/** Who is told of what: channels, routes, maintenance windows, and what could not be delivered. */
@customElement("bn-routing")
export class BnRouting extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) now: () => number = Date.now;
  /** What is edited: `channel:new`, `route:ID`; empty for the lists. */
  @property() edit = "";
  /** Id of the plugin of a new channel. */
  @property() plugin = "";
  readonly #load = new Load<Known | undefined>(this, () => this.#read());
  readonly #change = new Action(this);

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("alerts") || changed.has("edit")) void this.#load.run();
  }

  async #read(): Promise<Known | undefined> {
    const { alerts, plugins, session } = this;
    if (alerts === undefined) return undefined;
    const [channels, routes, windows, all] = await Promise.all([
      alerts.listDefined("channel"),
      alerts.listDefined("route"),
      alerts.listDefined("window"),
      // A server may run without plugins; channels then say so when they are tested.
      session?.can("plugins:read") === true ? plugins?.list().catch(() => []) : undefined,
    ]);
    return { channels, routes, windows, senders: (all ?? []).filter(({ type }) => type === "alert") };
  }

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
    await this.#load.run();
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

  #channels({ channels, senders }: Known): unknown {
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

  #routes({ routes, channels }: Known): unknown {
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

  #offer(channel: Defined<"channel">, text?: string): unknown {
    return html`<bn-route-offer
      text=${text ?? nothing}
      .alerts=${this.alerts}
      .toasts=${this.toasts}
      .channel=${channel}
      @made=${() => void this.#load.run()}
    ></bn-route-offer>`;
  }

  #windows({ windows }: Known): unknown {
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

  #lists(known: Known): unknown {
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

  #channelEditor({ channels, routes, senders }: Known, id: string): unknown {
    const edited = channels.find((channel) => channel.id === id);
    if (edited === undefined && id !== NEW) return missing();
    if (edited === undefined && this.plugin === "")
      return html`<section class="panel">
        <header><h2>How do you want to be told?</h2></header>
        <bn-channel-kinds .kinds=${senders}></bn-channel-kinds>
      </section>`;
    return html`<bn-channel-editor
      .alerts=${this.alerts}
      .plugins=${this.plugins}
      .session=${this.session}
      .toasts=${this.toasts}
      .edited=${edited}
      .pluginId=${edited?.plugin ?? this.plugin}
      @saved=${({ detail }: CustomEvent<string>) => this.#saved("channel", detail)}
    >
      ${
        this.#canWrite && edited !== undefined && routes.length === 0
          ? html`<section class="panel" slot="next">
            <header><h2>Who is told of what?</h2></header>
            ${this.#offer(edited, "No route leads to a channel yet, so nobody is told of anything.")}
          </section>`
          : nothing
      }
    </bn-channel-editor>`;
  }

  /** A new channel goes on to its test; of the others one sees what there is now. */
  #saved(kind: RoutingKind, id: string): void {
    if (kind !== "channel") {
      goTo(this, tabHref("routing"));
      return;
    }
    // Known before it is gone to: the editor stays as it is, with what its plugin's form holds and is not saved yet.
    void this.#load.run().then(() => goTo(this, hrefOf("channel", id)));
  }

  #editor(known: Known, kind: "route" | "window", id: string): unknown {
    const all: readonly Defined<RoutingKind>[] = kind === "route" ? known.routes : known.windows;
    const edited = all.find((one) => one.id === id);
    if (edited === undefined && id !== NEW) return missing();
    return html`<bn-routing-editor
      .alerts=${this.alerts}
      .session=${this.session}
      .toasts=${this.toasts}
      .kind=${kind}
      .channels=${known.channels}
      .edited=${edited}
      @saved=${({ detail }: CustomEvent<string>) => this.#saved(kind, detail)}
    ></bn-routing-editor>`;
  }

  #content(known: Known): unknown {
    const [kind, id = ""] = this.edit.split(":");
    if (kind === "channel") return this.#channelEditor(known, id);
    return kind === "route" || kind === "window" ? this.#editor(known, kind, id) : this.#lists(known);
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<section class="panel">
        <bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>
      </section>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return this.#content(state.value);
  }
}

const hrefOf = (kind: RoutingKind, id: string): string => tabHref("routing", { edit: `${kind}:${id}` });

const missing = (): unknown => html`<section class="panel">
  <bn-empty icon="search" heading="It is not there" text="It may have been removed meanwhile.">
    <a class="button" href=${tabHref("routing")}>To all that is set up</a>
  </bn-empty>
</section>`;

declare global {
  interface HTMLElementTagNameMap {
    "bn-routing": BnRouting;
  }
}
