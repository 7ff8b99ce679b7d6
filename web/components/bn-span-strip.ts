import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { TimeWindow } from "../lib/time-range.ts";
import { baseStyles } from "../styles/shared.ts";

/** A stretch of time in which something was so. */
export interface Span extends TimeWindow {
  level: "alarm" | "watch" | "info" | "unknown";
  /** What it says when it is pointed at. */
  title: string;
  href?: string;
}

/** Narrower than this, in percent of the width, nothing would be seen. */
const LEAST_PERCENT = 0.4;

/** Stretches of time along a line. What they say stands in words elsewhere: the picture is for the eye. */
@customElement("bn-span-strip")
export class BnSpanStrip extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
      }

      svg {
        display: block;
        width: 100%;
        height: 20px;
        border-radius: 4px;
        background: var(--sunken);
      }

      rect {
        fill: var(--unknown);
      }

      .alarm {
        fill: var(--alarm);
      }

      .watch {
        fill: var(--watch);
      }

      .info {
        fill: var(--info);
      }

      rect:hover {
        opacity: 0.8;
      }
    `,
  ];

  @property({ attribute: false }) window: TimeWindow = { fromMs: 0, toMs: 1 };
  @property({ attribute: false }) spans: readonly Span[] = [];

  #bar({ fromMs, toMs, level, title, href }: Span): unknown {
    const { window } = this;
    const percent = (atMs: number): number =>
      Math.min(100, Math.max(0, ((atMs - window.fromMs) / (window.toMs - window.fromMs)) * 100));
    const width = Math.max(LEAST_PERCENT, percent(toMs) - percent(fromMs));
    const left = Math.min(percent(fromMs), 100 - width);
    const bar = svg`<rect class=${level} x="${left}%" width="${width}%" y="3" height="14" rx="2"><title>${title}</title></rect>`;
    return href === undefined ? bar : svg`<a href=${href} tabindex="-1">${bar}</a>`;
  }

  protected override render(): unknown {
    const { fromMs, toMs } = this.window;
    if (toMs <= fromMs) return nothing;
    const seen = this.spans.filter((span) => span.toMs >= fromMs && span.fromMs <= toMs);
    return html`<svg aria-hidden="true" focusable="false">${seen.map((span) => this.#bar(span))}</svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-span-strip": BnSpanStrip;
  }
}
