import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Observe } from "../controllers/observe.ts";
import { Popover } from "../controllers/popover.ts";
import type { TimeContext } from "../data/time-context.ts";
import { fromLocalInput, toLocalInput } from "../lib/local-input.ts";
import { describeRange, PRESET_RANGES, panWindow, parseTimeRange, zoomWindow } from "../lib/time-range.ts";
import { popoverStyles } from "../styles/popover.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import "../components/bn-field.ts";
import "../components/bn-icon.ts";

/** What the button says while less is known than the range covers. */
const GROWING_LABEL = "Since the start";

/** Chooses the shown time: presets, exact from and to, a step back or forward. */
@customElement("bn-time-range")
export class BnTimeRange extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    popoverStyles,
    css`
      :host {
        display: inline-flex;
      }

      .step {
        display: none;
      }

      :host([absolute]) .step {
        display: inline-flex;
      }

      .panel {
        display: grid;
        grid-template-columns: 130px 260px;
        gap: var(--space-2);
        padding: var(--space-2);
      }

      form {
        display: grid;
        align-content: start;
        gap: var(--space-3);
        padding: var(--space-2);
        border-left: 1px solid var(--line);
      }

      input {
        min-width: 0;
        font-size: var(--text-13);
      }

      .item[aria-pressed="true"] {
        background: var(--brass-wash);
      }

      .error {
        color: var(--alarm);
        font-size: var(--text-12);
      }

      .short {
        display: none;
      }

      @media (max-width: 720px) {
        .panel {
          position: fixed;
          inset: auto 12px 84px;
          top: auto;
          grid-template-columns: 1fr;
          max-height: 70dvh;
          overflow: auto;
        }

        form {
          border-top: 1px solid var(--line);
          border-left: 0;
        }

        .long,
        :host([absolute]) .step {
          display: none;
        }

        .short {
          display: inline;
        }
      }
    `,
  ];

  @property({ attribute: false }) time: TimeContext | undefined;
  @state() private error: string | undefined;
  readonly #popover = new Popover(this);

  constructor() {
    super();
    new Observe(this, () => this.time?.state);
  }

  #choosePreset(durationMs: number): void {
    this.time?.choose({ kind: "last", durationMs });
    this.#popover.dismiss();
  }

  #chooseExact(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const fromMs = fromLocalInput(String(fields.get("from")));
    const toMs = fromLocalInput(String(fields.get("to")));
    const range = parseTimeRange(new URLSearchParams({ from: String(fromMs), to: String(toMs) }));
    if (range.kind !== "absolute") {
      this.error = "Choose an end at least 10 s after the start, within 5 years.";
      return;
    }
    this.error = undefined;
    this.time?.choose(range);
    this.#popover.dismiss();
  }

  #step(share: number): void {
    const { time } = this;
    if (time !== undefined) time.choose({ kind: "absolute", ...panWindow(time.window(), share, time.now()) });
  }

  #widen(): void {
    const { time } = this;
    if (time !== undefined) time.choose({ kind: "absolute", ...zoomWindow(time.window(), 2, time.now()) });
  }

  protected override render(): unknown {
    const { time } = this;
    if (time === undefined) return nothing;
    const { range } = time.state.value;
    this.toggleAttribute("absolute", range.kind === "absolute");
    const label = time.isGrowing ? GROWING_LABEL : describeRange(range);
    return html`
      <button class="button quiet icon-only step" type="button" aria-label="Earlier" @click=${() => this.#step(-0.5)}>
        <bn-icon name="chevron-left"></bn-icon>
      </button>
      <button
        class="button"
        type="button"
        aria-haspopup="dialog"
        aria-expanded=${String(this.#popover.isOpen)}
        aria-label="Time range: ${label}"
        title=${time.isGrowing ? `${GROWING_LABEL}; it grows to ${describeRange(range).toLowerCase()}` : nothing}
        @click=${this.#popover.toggle}
      >
        <span class="long">${label}</span>
        <span class="short">${range.kind === "absolute" ? "Fixed" : time.isGrowing ? "Start" : label.replace("Last ", "")}</span>
      </button>
      <button class="button quiet icon-only step" type="button" aria-label="Later" @click=${() => this.#step(0.5)}>
        <bn-icon name="chevron-right"></bn-icon>
      </button>
      <button class="button quiet icon-only step" type="button" aria-label="Zoom out" @click=${this.#widen}>
        <bn-icon name="zoom-out"></bn-icon>
      </button>
      ${this.#popover.isOpen ? this.#panel(time) : nothing}
    `;
  }

  #panel(time: TimeContext): unknown {
    const { range } = time.state.value;
    const { fromMs, toMs } = time.window();
    return html`<div class="panel" role="dialog" aria-label="Time range">
      <div>
        ${PRESET_RANGES.map(
          (preset) => html`<button
            class="item"
            type="button"
            aria-pressed=${String(range.kind === "last" && range.durationMs === preset.durationMs)}
            @click=${() => this.#choosePreset(preset.durationMs)}
          >
            ${preset.label}
          </button>`,
        )}
      </div>
      <form @submit=${this.#chooseExact}>
        <bn-field label="From"
          ><input type="datetime-local" name="from" step="1" required .value=${toLocalInput(fromMs)}
        /></bn-field>
        <bn-field label="To"
          ><input type="datetime-local" name="to" step="1" required .value=${toLocalInput(toMs)}
        /></bn-field>
        ${this.error === undefined ? nothing : html`<p class="error" role="alert">${this.error}</p>`}
        <button class="button primary" type="submit">Show this time</button>
      </form>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-time-range": BnTimeRange;
  }
}
