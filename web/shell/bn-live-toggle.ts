import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Observe } from "../controllers/observe.ts";
import type { Connection } from "../data/connection.ts";
import type { LiveMetrics } from "../data/live.ts";
import type { TimeContext } from "../data/time-context.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";

/**
 * Live, paused or lost, in one button: pressing it pauses, resumes, or tries the connection at once. Where a page has no
 * time it is there only while the connection is not.
 */
@customElement("bn-live-toggle")
export class BnLiveToggle extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      .dot {
        flex: none;
        width: 8px;
        height: 8px;
        border-radius: var(--radius-round);
        background: var(--unknown);
      }

      .live {
        background: var(--calm);
      }

      .lost {
        border-radius: 1px;
        background: var(--alarm);
      }

      .paused {
        border-radius: 1px;
        background: var(--watch);
      }

      @media (max-width: 720px) {
        .more {
          display: none;
        }
      }
    `,
  ];

  @property({ type: Boolean }) timed = false;
  @property({ attribute: false }) connection: Connection | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;

  constructor() {
    super();
    new Observe(this, () => this.live?.state);
    new Observe(this, () => this.connection?.isLost);
    new Observe(this, () => this.time?.state);
  }

  /** Leaves no gap where it has nothing to say. */
  protected override willUpdate(): void {
    this.hidden = !this.timed && this.connection?.isLost.value !== true;
  }

  #press(): void {
    if (this.connection?.isLost.value) this.connection.retryNow();
    else this.time?.togglePause();
  }

  protected override render(): unknown {
    const { live, time, connection } = this;
    const isLost = connection?.isLost.value === true;
    if (live === undefined || time === undefined || this.hidden) return nothing;
    const { phase, intervalSeconds } = live.state.value;
    const face = { kind: "", word: "Connecting", more: "", hint: "Waiting for the first sample" };
    if (isLost)
      Object.assign(face, {
        kind: "lost",
        word: "Lost",
        more: " · reconnecting",
        hint: "Connection lost. Press to try now",
      });
    else if (!time.isLive)
      Object.assign(face, {
        kind: "paused",
        word: "Paused",
        hint: "Charts stand still. Press to follow again",
      });
    else if (phase === "open")
      Object.assign(face, {
        kind: "live",
        word: "Live",
        more: ` · ${intervalSeconds} s`,
        hint: "New samples move the charts. Press to pause",
      });
    return html`<button class="button" type="button" title=${face.hint} @click=${this.#press}>
      <span class="dot ${face.kind}"></span><span role="status">${face.word}<span class="more">${face.more}</span></span>
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-live-toggle": BnLiveToggle;
  }
}
