import { css, html, LitElement, svg, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";

export type StatusLevel = "calm" | "watch" | "alarm" | "info" | "unknown";

/** Each level has its own shape, so that colour is never the only sign. */
const SHAPES: Record<StatusLevel, TemplateResult> = {
  calm: svg`<circle cx="6" cy="6" r="4.5"></circle>`,
  watch: svg`<path d="M6 .6 11.4 6 6 11.4.6 6z"></path>`,
  alarm: svg`<path d="M6 .8 11.8 11H.2z"></path>`,
  info: svg`<rect x="1.5" y="1.5" width="9" height="9" rx="1.5"></rect>`,
  unknown: svg`<circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="2"></circle>`,
};

/** A state as shape and word. */
@customElement("bn-status")
export class BnStatus extends LitElement {
  static override styles = css`
    :host {
      display: inline-flex;
      align-items: center;
      gap: var(--space-2);
      font-size: var(--text-13);
      font-weight: 600;
      white-space: nowrap;
    }

    svg {
      flex: none;
      width: 12px;
      height: 12px;
      fill: currentColor;
    }

    :host([level="calm"]) {
      color: var(--calm);
    }

    :host([level="watch"]) {
      color: var(--watch);
    }

    :host([level="alarm"]) {
      color: var(--alarm);
    }

    :host([level="info"]) {
      color: var(--info);
    }

    :host([level="unknown"]) {
      color: var(--unknown);
    }
  `;

  @property({ reflect: true }) level: StatusLevel = "unknown";

  protected override render(): unknown {
    return html`<svg viewBox="0 0 12 12" aria-hidden="true">${SHAPES[this.level]}</svg><slot></slot>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-status": BnStatus;
  }
}
