import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Defined } from "../../data/alerts-types.ts";
import { grantWords, kindWord } from "../../data/permission-words.ts";
import { nameOf, pluginHref, stateOf } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { PluginDetail } from "../../data/plugins-types.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatTimeOfDay } from "../../lib/format.ts";
import "../../panels/bn-plugin-configuration.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-routing-editor.ts";

/** A channel: what it is called and says, the settings of its plugin, and a test; in the slot `next` what comes after that. Fires `saved` (CustomEvent<id>). */
@customElement("bn-channel-editor")
export class BnChannelEditor extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      .content {
        display: grid;
        justify-items: start;
        gap: var(--space-3);
        padding: var(--space-4);
        font-size: var(--text-13);
      }

      p {
        color: var(--soft);
      }

      ul {
        display: grid;
        gap: var(--space-1);
        color: var(--soft);
        overflow-wrap: anywhere;
      }

      bn-error {
        padding: 0;
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  /** What is edited; absent for a new one. */
  @property({ attribute: false }) edited: Defined<"channel"> | undefined;
  /** Id of the plugin that it sends by. */
  @property({ attribute: false }) pluginId = "";
  @state() private sentAt: number | undefined;
  readonly #load = new Load<PluginDetail | undefined>(this, async () =>
    this.session?.can("plugins:read") === true ? this.plugins?.get(this.pluginId) : undefined,
  );
  readonly #test = new Action(this);
  readonly #enable = new Action(this);

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("pluginId") && this.pluginId !== "") void this.#load.run();
  }

  async #send(id: string): Promise<void> {
    const { alerts } = this;
    if (alerts === undefined) return;
    this.sentAt = undefined;
    const isDone = await this.#test.run(() => alerts.testChannel(id));
    if (isDone) this.sentAt = Date.now();
  }

  #testing(): unknown {
    const { edited } = this;
    const { problem, isBusy } = this.#test;
    if (this.session?.can("alerts:write") !== true) return nothing;
    return html`<section class="panel" aria-labelledby="test">
      <header><h2 id="test">Does it arrive?</h2></header>
      <div class="content">
        <p>Sends “This is a test; nothing has happened.” at once, and once.</p>
        <button
          class="button"
          type="button"
          ?disabled=${edited === undefined || isBusy}
          @click=${() => edited && void this.#send(edited.id)}
        >
          ${isBusy ? "Sending…" : "Send test"}
        </button>
        ${edited === undefined ? html`<p>Save the channel first.</p>` : nothing}
        <div role="status">
          ${
            this.sentAt === undefined
              ? nothing
              : html`<bn-status level="calm">The channel took it at ${formatTimeOfDay(this.sentAt)}</bn-status>`
          }
        </div>
        ${problem === undefined ? nothing : html`<bn-error .problem=${problem}></bn-error>`}
      </div>
    </section>`;
  }

  #standing(plugin: PluginDetail): unknown {
    const { level, word } = stateOf(plugin);
    if (level === "calm" || (level === "unknown" && plugin.enabled)) return nothing;
    return html`<section class="panel">
      <div class="content">
        <bn-status level=${level}>${nameOf(plugin)}: ${word}</bn-status>
        <p>${plugin.block === null ? "It takes no messages in this state." : foreignText(plugin.block.message)}</p>
        ${this.#asked(plugin)}
        <div class="row">
          ${
            plugin.verbs.includes("enable") && this.session?.can("plugins:write")
              ? html`<button class="button primary" type="button" ?disabled=${this.#enable.isBusy} @click=${() => void this.#switchOn(plugin)}>
                ${plugin.permissions.length === 0 ? "Enable" : "Allow this and enable"}
              </button>`
              : nothing
          }
          <a class="button" href=${pluginHref(plugin.id)}>To the plugin</a>
        </div>
        ${this.#enable.problem === undefined ? nothing : html`<bn-error .problem=${this.#enable.problem}></bn-error>`}
      </div>
    </section>`;
  }

  /** What enabling it allows. */
  #asked({ permissions, config }: PluginDetail): unknown {
    if (permissions.length === 0) return nothing;
    return html`<ul>
      ${permissions.map(
        ({ kind, text, why }) =>
          html`<li><b>${kindWord(kind)}:</b> <bdi>${grantWords(text, config?.schema)}</bdi>. ${foreignText(why)}</li>`,
      )}
    </ul>`;
  }

  async #switchOn({ id }: PluginDetail): Promise<void> {
    const { plugins } = this;
    if (plugins === undefined) return;
    await this.#enable.run(async () => {
      await plugins.enable(id, true);
    });
    await this.#load.run();
  }

  #plugin(): unknown {
    const { state: load } = this.#load;
    if (load.kind === "failed")
      return html`<section class="panel">
        <bn-error .problem=${load.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>
      </section>`;
    if (load.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (load.value === undefined) return nothing;
    return html`${this.#standing(load.value)}
      <bn-plugin-configuration
        .plugins=${this.plugins}
        .plugin=${load.value}
        .session=${this.session}
        .toasts=${this.toasts}
        @done=${() => void this.#load.run()}
      ></bn-plugin-configuration>`;
  }

  protected override render(): unknown {
    return html`<div class="grid">
      <bn-routing-editor
        class="half"
        .alerts=${this.alerts}
        .session=${this.session}
        .toasts=${this.toasts}
        .kind=${"channel"}
        .edited=${this.edited}
        .fixed=${{ plugin: this.pluginId }}
        @saved=${({ detail }: CustomEvent<string>) => this.dispatchEvent(new CustomEvent("saved", { detail }))}
      ></bn-routing-editor>
      <div class="half stack">${this.#plugin()} ${this.#testing()}<slot name="next"></slot></div>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-channel-editor": BnChannelEditor;
  }
}
