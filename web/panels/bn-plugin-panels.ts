import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { Observe } from "../controllers/observe.ts";
import type { LiveMetrics } from "../data/live.ts";
import type { Metrics } from "../data/metrics.ts";
import type { PluginWatch } from "../data/plugin-watch.ts";
import type { Plugins } from "../data/plugins.ts";
import type { Session } from "../data/session.ts";
import type { TimeContext } from "../data/time-context.ts";
import { baseStyles, layoutStyles } from "../styles/shared.ts";

/** Panels of all plugins beyond which the Overview would be theirs. */
const MAX_PANELS = 12;

/** What plugins show on the Overview; nothing while none does. The code that draws it is fetched when one does. */
@customElement("bn-plugin-panels")
export class BnPluginPanels extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      /* One alone in its row takes the whole of it. */
      .grid > :last-child:nth-child(odd) {
        grid-column: span 12;
      }
    `,
  ];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) watch: PluginWatch | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @state() private isLoaded = false;

  constructor() {
    super();
    new Observe(this, () => this.watch?.plugins);
  }

  #shown() {
    return (this.watch?.plugins.value ?? [])
      .filter(({ enabled }) => enabled)
      .flatMap((plugin) =>
        plugin.panels.filter(({ place }) => place === "overview").map((panel) => ({ plugin, panel })),
      )
      .slice(0, MAX_PANELS);
  }

  protected override updated(): void {
    // Empty, it takes no place among the panels around it.
    this.hidden = this.#shown().length === 0;
    if (!this.isLoaded && this.#shown().length > 0) void this.#bring();
  }

  async #bring(): Promise<void> {
    await import("./bn-plugin-panel.ts");
    this.isLoaded = true;
  }

  protected override render(): unknown {
    const shown = this.#shown();
    if (!this.isLoaded || shown.length === 0) return nothing;
    return html`<div class="grid">
      ${repeat(
        shown,
        ({ plugin, panel }) => `${plugin.id}/${panel.id}`,
        ({ plugin, panel }) => html`<bn-plugin-panel
          class="half"
          named
          .panel=${panel}
          .plugin=${plugin}
          .plugins=${this.plugins}
          .session=${this.session}
          .live=${this.live}
          .metrics=${this.metrics}
          .time=${this.time}
        ></bn-plugin-panel>`,
      )}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-panels": BnPluginPanels;
  }
}
