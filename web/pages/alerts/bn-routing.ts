import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { drawLoad } from "../../components/drawn-load.ts";
import { Load } from "../../controllers/load.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined } from "../../data/alerts-types.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-channel-editor.ts";
import "./bn-channel-kinds.ts";
import "./bn-route-offer.ts";
import "./bn-routing-editor.ts";
import "./bn-routing-lists.ts";
import { tabHref } from "./filters.ts";
import { goTo } from "./go-to.ts";
import { drawMissing } from "./missing.ts";
import type { RoutingKind } from "./routing-fields.ts";
import { hrefOf, NEW, type RoutingKnown } from "./routing-known.ts";

/** Who is told of what: the lists of what is set up, or the editor of what the address names. */
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
  readonly #load = new Load<RoutingKnown | undefined>(this, () => this.#read());

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("alerts") || changed.has("edit")) void this.#load.run();
  }

  async #read(): Promise<RoutingKnown | undefined> {
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

  #channelEditor({ channels, routes, senders }: RoutingKnown, id: string): unknown {
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
            <bn-route-offer
              text="No route leads to a channel yet, so nobody is told of anything."
              .alerts=${this.alerts}
              .toasts=${this.toasts}
              .channel=${edited}
              @made=${() => void this.#load.run()}
            ></bn-route-offer>
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

  #editor(known: RoutingKnown, kind: "route" | "window", id: string): unknown {
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

  #lists(known: RoutingKnown): unknown {
    return html`<bn-routing-lists
      .alerts=${this.alerts}
      .session=${this.session}
      .toasts=${this.toasts}
      .now=${this.now}
      .known=${known}
      @done=${() => void this.#load.run()}
    ></bn-routing-lists>`;
  }

  #content(known: RoutingKnown): unknown {
    const [kind, id = ""] = this.edit.split(":");
    if (kind === "channel") return this.#channelEditor(known, id);
    return kind === "route" || kind === "window" ? this.#editor(known, kind, id) : this.#lists(known);
  }

  protected override render(): unknown {
    return drawLoad(this.#load, (known) => this.#content(known));
  }
}

const missing = (): unknown => drawMissing("It is not there", tabHref("routing"), "To all that is set up");

declare global {
  interface HTMLElementTagNameMap {
    "bn-routing": BnRouting;
  }
}
