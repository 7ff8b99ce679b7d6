import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { RemovedPlugin } from "../../data/plugins-types.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { pluginsPageStyles } from "./page-styles.ts";

/** Plugins that were removed and can still be brought back; nothing when there are none. Fires `restored`. */
@customElement("bn-removed-plugins")
export class BnRemovedPlugins extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, pluginsPageStyles];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  readonly #load = new Load<RemovedPlugin[]>(this, async () => (await this.plugins?.removed()) ?? []);

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  /** Looks again: one was removed. */
  reload(): void {
    void this.#load.run();
  }

  async #restore({ id }: RemovedPlugin): Promise<void> {
    try {
      await this.plugins?.restore(id);
      this.toasts?.say(`${id} is back`);
      this.dispatchEvent(new Event("restored"));
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#load.run();
  }

  protected override render(): unknown {
    const removed = this.#load.value ?? [];
    if (removed.length === 0) return nothing;
    return html`<section class="panel" aria-labelledby="removed">
      <header><h2 id="removed">Removed</h2><span class="faint">They can be brought back for a while</span></header>
      <ul>
        ${removed.map(
          (plugin) => html`<li class="removed">
            <span
              ><b>${plugin.id}</b> ${foreignText(plugin.version, 40)}
              <span class="faint">removed <bn-time .at=${plugin.removedAt}></bn-time> by ${plugin.removedBy.split("/").at(-1)}</span></span
            >
            <button class="button" type="button" @click=${() => void this.#restore(plugin)}>Bring ${plugin.id} back</button>
          </li>`,
        )}
      </ul>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-removed-plugins": BnRemovedPlugins;
  }
}
