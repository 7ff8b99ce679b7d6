import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { MenuItem } from "../components/bn-menu.ts";
import { stateOf } from "../data/alert-words.ts";
import type { Session } from "../data/session.ts";
import { baseStyles } from "../styles/shared.ts";
import "../components/bn-icon.ts";
import "../components/bn-mark.ts";
import "./bn-more-sheet.ts";
import type { Alert } from "../data/alerts-types.ts";
import { type NavigationItem, navigationFor } from "./navigation.ts";
import { navigationStyles } from "./navigation-styles.ts";

const ALERTS_PATH = "/alerts";
/** More digits would stand over the icon where the bar is narrow. */
const MAX_COUNT = 99;

/** As bad as the worst alert that fires; calm words for those that are looked after. */
function levelOf(open: readonly Alert[]): string {
  const firing = new Set(open.filter(({ state }) => state === "firing").map((alert) => stateOf(alert).level));
  return (["alarm", "watch"] as const).find((level) => firing.has(level)) ?? "";
}

/** The side bar; on a phone, the bottom bar with a sheet for what it has no place for. Fires `collapse` when its width is toggled. */
@customElement("bn-navigation")
export class BnNavigation extends LitElement {
  static override styles = [baseStyles, navigationStyles];

  @property({ attribute: false }) session: Session | undefined;
  @property() path = "";
  /** Query string that page links carry on: the time range. */
  @property() suffix = "";
  /** Alerts that are not resolved: how many there are stands beside their page. Undefined until they are known. */
  @property({ attribute: false }) openAlerts: readonly Alert[] | undefined;
  @property({ type: Boolean, reflect: true }) collapsed = false;
  /** What the sheet offers besides pages. */
  @property({ attribute: false }) menu: readonly MenuItem[] = [];
  /** The reader's name. */
  @property() who = "";

  /** Whether the page shown is this one, or one below it. */
  #isAt({ href }: NavigationItem): boolean {
    return href === this.path || (href !== "/" && this.path.startsWith(`${href}/`));
  }

  #alertCount(): unknown {
    const open = this.openAlerts ?? [];
    if (open.length === 0) return nothing;
    const count = open.length > MAX_COUNT ? `${MAX_COUNT}+` : open.length;
    return html`<span class="count ${levelOf(open)}">${count}<span class="unseen"> open</span></span>`;
  }

  #link(item: NavigationItem): unknown {
    const isHere = this.#isAt(item);
    return html`<li class=${item.isPrimary ? "primary" : "secondary"}>
      <a
        href=${item.isOutside ? item.href : item.href + this.suffix}
        target=${item.isOutside ? "_blank" : nothing}
        rel=${item.isOutside ? "noopener" : nothing}
        aria-current=${isHere ? "page" : nothing}
        title=${this.collapsed ? item.label : nothing}
      >
        <bn-icon name=${item.icon}></bn-icon>
        <span class="label">${item.label}</span>
        ${item.isOutside ? html`<bn-icon class="outside" name="external"></bn-icon>` : nothing}
        ${item.href === ALERTS_PATH ? this.#alertCount() : nothing}
      </a>
    </li>`;
  }

  protected override render(): unknown {
    const groups = navigationFor(this.session);
    const isPrimary = groups.some(({ items }) => items.some((item) => item.isPrimary && this.#isAt(item)));
    return html`<nav aria-label="Main">
      <a class="brand" href=${`/${this.suffix}`} aria-label="Binnacle, to the overview">
        <bn-mark></bn-mark><span class="label">Binnacle</span>
      </a>
      <div class="groups">
        ${groups.map(
          ({ label, items }) => html`<section>
            <h2 class="label">${label}</h2>
            <ul>
              ${items.map((item) => this.#link(item))}
            </ul>
          </section>`,
        )}
      </div>
      <button
        class=${isPrimary ? "more" : "more here"}
        type="button"
        aria-haspopup="dialog"
        @click=${() => this.renderRoot.querySelector("bn-more-sheet")?.open()}
      >
        <bn-icon name="more"></bn-icon>More
      </button>
      <button
        class="fold"
        type="button"
        aria-expanded=${String(!this.collapsed)}
        aria-label=${this.collapsed ? "Widen the navigation" : "Collapse the navigation to icons"}
        @click=${() => this.dispatchEvent(new Event("collapse"))}
      >
        <bn-icon name="panel-left"></bn-icon><span class="label">Collapse</span>
      </button>
    </nav>
    <bn-more-sheet
      path=${this.path}
      who=${this.who}
      .groups=${navigationFor(this.session, (item) => item.isPrimary !== true)}
      .menu=${this.menu}
    ></bn-more-sheet>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-navigation": BnNavigation;
  }
}
