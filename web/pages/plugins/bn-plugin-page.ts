import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { PluginVerb } from "../../../schema/rules/plugins.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-status.ts";
import "../../components/bn-subject-head.ts";
import "../../components/bn-tabs.ts";
import type { Tab } from "../../components/bn-tabs.ts";
import { drawLoad } from "../../components/drawn-load.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { PluginLog } from "../../data/plugin-log.ts";
import type { PluginWatch } from "../../data/plugin-watch.ts";
import {
  nameOf,
  type PluginTab,
  pluginHref,
  SANDBOX_WORDS,
  TYPE_WORDS,
  VERB_WORDS,
} from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { PluginDetail } from "../../data/plugins-types.ts";
import type { Session } from "../../data/session.ts";
import type { TimeContext } from "../../data/time-context.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import "../../panels/bn-plugin-configuration.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import type { BnCopyPluginDialog } from "./bn-copy-plugin-dialog.ts";
import "./bn-copy-plugin-dialog.ts";
import "./bn-plugin-health.ts";
import "./bn-plugin-log.ts";
import "./bn-plugin-notice.ts";
import "./bn-plugin-overview.ts";
import "./bn-plugin-permissions.ts";
import "./bn-plugin-run.ts";
import "./bn-plugin-standing.ts";
import { canCopy, isAllowed, offeredVerbs, performVerb, undoOf, VERB_ICONS } from "./verbs.ts";

const TABS: readonly { id: PluginTab; label: string }[] = [
  { id: "overview", label: "Overview" },
  { id: "log", label: "Log" },
  { id: "health", label: "Health" },
  { id: "configuration", label: "Configuration" },
  { id: "permissions", label: "Permissions" },
  { id: "run", label: "Run" },
];

/** What only those who run plugins may see. */
const TABS_OF_OPERATORS: ReadonlySet<PluginTab> = new Set(["log", "run", "configuration"]);

/** One plugin: how it fares, what it says, what it may do, and everything that can be done with it. Fires `removed`. */
@customElement("bn-plugin-page")
export class BnPluginPage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      h2 {
        font-size: var(--text-20);
        overflow-wrap: anywhere;
      }

      h2 + p {
        margin: 2px 0 var(--space-2);
        color: var(--soft);
        font-size: var(--text-13);
        overflow-wrap: anywhere;
      }

      bn-plugin-standing {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2) var(--space-4);
      }

      .standing {
        gap: var(--space-2) var(--space-4);
      }

      .held {
        font-size: var(--text-12);
        font-weight: 500;
      }
    `,
  ];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) watch: PluginWatch | undefined;
  @property({ attribute: false }) log: PluginLog | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) pluginId = "";
  @property() tab = "";
  readonly #load = new Load<PluginDetail | undefined>(this, async () => this.plugins?.get(this.pluginId));
  readonly #verb = new Action(this);
  /** Id and name that were told last. */
  #told = "";

  constructor() {
    super();
    new Observe(
      this,
      () => this.watch?.plugins,
      // What is being done brings its own look; of what is being removed there is nothing to see.
      () => void (this.#verb.isBusy || this.#load.run()),
    );
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("pluginId") && this.pluginId !== "") void this.#load.run();
    this.#tellName();
  }

  /** The bar on top shows it in place of "Plugin". */
  #tellName(): void {
    const { state } = this.#load;
    const plugin = state.kind === "ready" ? state.value : undefined;
    if (plugin === undefined || plugin.id !== this.pluginId) return;
    const name = nameOf(plugin);
    const told = `${plugin.id} ${name}`;
    if (told === this.#told) return;
    this.#told = told;
    this.dispatchEvent(new CustomEvent("page-heading", { detail: name, bubbles: true, composed: true }));
  }

  async #perform(plugin: PluginDetail, verb: PluginVerb): Promise<void> {
    const { plugins } = this;
    if (plugins === undefined) return;
    let told: string | undefined;
    const isDone = await this.#verb.run(async () => {
      told = await performVerb(plugins, plugin, verb);
    });
    if (!isDone) this.toasts?.sayFailure(this.#verb.problem);
    if (isDone && told === undefined) return;
    if (told !== undefined) {
      const after = async () => this.watch?.look();
      this.toasts?.say(told, "calm", undoOf({ plugins, toasts: this.toasts, after }, plugin, verb));
    }
    if (isDone && verb === "remove") this.dispatchEvent(new Event("removed"));
    else await this.#lookAgain();
  }

  async #lookAgain(): Promise<void> {
    await Promise.all([this.#load.run(), this.watch?.look()]);
  }

  /** The way out of quarantine stands beside its reason. */
  #offered(plugin: PluginDetail): PluginVerb[] {
    return offeredVerbs(plugin, this.session).filter(
      (verb) => verb !== "release" || plugin.quarantine === null,
    );
  }

  #verbs(plugin: PluginDetail): unknown {
    const offered = this.#offered(plugin);
    return html`<div class="row" slot="verbs">
      ${offered.filter((verb) => verb !== "remove").map((verb) => this.#button(plugin, verb))}
      ${
        canCopy(plugin, this.session)
          ? html`<button class="button" type="button" @click=${() => void this.#copyDialog?.open(plugin)}>
              <bn-icon name="copy"></bn-icon>Copy…
            </button>`
          : nothing
      }
      ${offered.includes("remove") ? this.#button(plugin, "remove") : nothing}
    </div>`;
  }

  #button(plugin: PluginDetail, verb: PluginVerb): unknown {
    const icon = VERB_ICONS[verb];
    return html`<button
      class=${verb === "remove" ? "button quiet danger" : "button"}
      type="button"
      ?disabled=${this.#verb.isBusy}
      @click=${() => void this.#perform(plugin, verb)}
    >
      ${icon === undefined ? nothing : html`<bn-icon name=${icon}></bn-icon>`}${VERB_WORDS[verb].label}
    </button>`;
  }

  get #copyDialog(): BnCopyPluginDialog | null {
    return this.renderRoot.querySelector("bn-copy-plugin-dialog");
  }

  #head(plugin: PluginDetail): unknown {
    const { version, type, description } = plugin;
    return html`<h2><bdi>${nameOf(plugin)}</bdi> <span class="faint">${foreignText(version, 40)}</span></h2>
      <p>${TYPE_WORDS[type]}${description === "" ? nothing : html` · <bdi>${foreignText(description)}</bdi>`}</p>
      <div class="row standing">
        <bn-plugin-standing .plugin=${plugin}></bn-plugin-standing>
        ${this.#held(plugin)}
      </div>
      ${this.#verbs(plugin)}`;
  }

  #held({ level }: PluginDetail): unknown {
    if (level === null) return nothing;
    const { title, level: status, detail } = SANDBOX_WORDS[level];
    return html`<bn-status class="held" level=${status} title=${detail}>${title}</bn-status>`;
  }

  #tabs(plugin: PluginDetail): Tab[] {
    const canWrite = isAllowed("execute", this.session);
    return TABS.filter(({ id }) => canWrite || !TABS_OF_OPERATORS.has(id)).map(({ id, label }) => ({
      id,
      label,
      href: pluginHref(plugin.id, id),
      ...(id === "permissions" && plugin.needsApproval ? { note: "review" } : {}),
    }));
  }

  #content(plugin: PluginDetail, tab: string): unknown {
    const { plugins, session, toasts, log, live, metrics, time } = this;
    const done = () => void this.#lookAgain();
    switch (tab) {
      case "log":
        return html`<bn-plugin-log .log=${log} .plugin=${plugin}></bn-plugin-log>`;
      case "health":
        return html`<bn-plugin-health .plugins=${plugins} .plugin=${plugin}></bn-plugin-health>`;
      case "configuration":
        return html`<bn-plugin-configuration .plugins=${plugins} .plugin=${plugin} .session=${session} .toasts=${toasts} @done=${done}></bn-plugin-configuration>`;
      case "permissions":
        return html`<bn-plugin-permissions .plugins=${plugins} .plugin=${plugin} .session=${session} .toasts=${toasts} @done=${done}></bn-plugin-permissions>`;
      case "run":
        return html`<bn-plugin-run .plugins=${plugins} .plugin=${plugin}></bn-plugin-run>`;
      default:
        return html`<bn-plugin-overview
          .plugins=${plugins}
          .plugin=${plugin}
          .session=${session}
          .live=${live}
          .metrics=${metrics}
          .time=${time}
        ></bn-plugin-overview>`;
    }
  }

  #page(plugin: PluginDetail): unknown {
    const tabs = this.#tabs(plugin);
    const shown =
      TABS.find(({ id }) => id === this.tab && tabs.some((tab) => tab.id === id))?.id ?? "overview";
    const isReviewing = shown === "permissions" && plugin.needsApproval;
    return html`${
      isReviewing
        ? nothing
        : html`<bn-plugin-notice
            .plugin=${plugin}
            here=${pluginHref(plugin.id, shown)}
            ?can-release=${plugin.verbs.includes("release") && isAllowed("release", this.session)}
            @release=${() => void this.#perform(plugin, "release")}
          ></bn-plugin-notice>`
    }
      <bn-tabs label="Of this plugin" .tabs=${tabs} shown=${shown}></bn-tabs>
      ${this.#content(plugin, shown)}`;
  }

  protected override render(): unknown {
    const plugin = this.#load.value;
    return html`<bn-subject-head href="/plugins" label="All plugins">
        ${plugin === undefined ? nothing : this.#head(plugin)}
      </bn-subject-head>
      ${drawLoad(this.#load, (known) => this.#page(known))}
      <bn-copy-plugin-dialog .plugins=${this.plugins} @copied=${() => void this.watch?.look()}></bn-copy-plugin-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-page": BnPluginPage;
  }
}
