import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { MenuItem } from "../components/bn-menu.ts";
import type { Connection } from "../data/connection.ts";
import type { LiveMetrics } from "../data/live.ts";
import type { TimeContext } from "../data/time-context.ts";
import type { User } from "../data/types.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import "../components/bn-icon.ts";
import "../components/bn-menu.ts";
import "./bn-live-toggle.ts";
import "./bn-time-range.ts";

/** Where you are, search, time, live or paused, account. Fires `search`. */
@customElement("bn-top-bar")
export class BnTopBar extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        position: sticky;
        z-index: var(--level-bar);
        top: 0;
        display: block;
        border-bottom: 1px solid var(--line);
        background: var(--ground);
      }

      header {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        max-width: var(--content-width);
        height: var(--top-bar-height);
        padding: 0 var(--space-6);
      }

      .where {
        display: flex;
        flex: 1;
        align-items: baseline;
        gap: var(--space-3);
        min-width: 0;
      }

      h1 {
        font-size: var(--text-16);
        white-space: nowrap;
      }

      .context {
        overflow: hidden;
        color: var(--soft);
        font-size: var(--text-13);
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .search {
        justify-content: space-between;
        width: min(300px, 26vw);
        color: var(--faint);
        font-weight: 400;
      }

      kbd {
        padding: 0 6px;
        border: 1px solid var(--line);
        border-radius: 4px;
        font-family: var(--font-mono);
        font-size: var(--text-11);
        line-height: 18px;
      }

      .search bn-icon {
        display: none;
      }

      .avatar {
        display: grid;
        place-items: center;
        width: 30px;
        height: 30px;
        border-radius: var(--radius-round);
        background: var(--brass-wash);
        color: var(--brass-ink);
        font-size: var(--text-12);
        font-weight: 600;
      }

      @media (max-width: 720px) {
        header {
          gap: var(--space-2);
          padding: 0 var(--space-3) 0 var(--space-4);
        }

        .context,
        kbd {
          display: none;
        }

        .search span {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }

        .search {
          justify-content: center;
          width: 44px;
          padding: 0;
        }

        .search bn-icon {
          display: inline-flex;
        }

        h1 {
          overflow: hidden;
          text-overflow: ellipsis;
        }
      }
    `,
  ];

  @property() heading = "";
  @property() context = "";
  @property({ type: Boolean }) timed = false;
  @property({ attribute: false }) connection: Connection | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @property({ attribute: false }) user: User | undefined;
  @property({ attribute: false }) menu: readonly MenuItem[] = [];

  protected override render(): unknown {
    const isApple = navigator.platform.startsWith("Mac") || navigator.platform.startsWith("iP");
    return html`<header>
      <div class="where">
        <h1>${this.heading}</h1>
        <span class="context">${this.context}</span>
      </div>
      <button
        class="button search"
        type="button"
        aria-keyshortcuts="Control+K Meta+K"
        @click=${() => this.dispatchEvent(new Event("search"))}
      >
        <bn-icon name="search"></bn-icon><span>Search or run a command</span><kbd aria-hidden="true">${isApple ? "⌘" : "Ctrl"} K</kbd>
      </button>
      ${this.timed ? html`<bn-time-range .time=${this.time}></bn-time-range>` : nothing}
      <bn-live-toggle
        ?timed=${this.timed}
        .connection=${this.connection}
        .live=${this.live}
        .time=${this.time}
      ></bn-live-toggle>
      <bn-menu
        label="${initials(this.user?.name ?? "")}, account of ${this.user?.name ?? ""}"
        heading=${this.user?.name ?? ""}
        subheading=${this.user?.role ?? ""}
        .items=${this.menu}
      >
        <span class="avatar">${initials(this.user?.name ?? "")}</span>
      </bn-menu>
    </header>`;
  }
}

/** Two letters for a name: `mara.klein` → MK, `root` → RO. */
function initials(name: string): string {
  const [first = "", second] = name.split(/[\s._@-]+/).filter((part) => part !== "");
  return (second === undefined ? first.slice(0, 2) : first.slice(0, 1) + second.slice(0, 1)).toUpperCase();
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-top-bar": BnTopBar;
  }
}
