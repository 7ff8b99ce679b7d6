import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";

const WIDTH = 200;
const HEIGHT = 40;

export interface Point {
  t: number;
  value: number | null | undefined;
}

/** The path of a line through the points, broken at gaps, scaled into WIDTH × HEIGHT. */
export function sparklinePath(points: readonly Point[], fromMs: number, toMs: number, top: number): string {
  const span = Math.max(1, toMs - fromMs);
  let path = "";
  let isDown = false;
  for (const { t, value } of points) {
    if (value === undefined) continue;
    if (value === null) {
      isDown = false;
      continue;
    }
    const x = ((t - fromMs) / span) * WIDTH;
    const y = HEIGHT - (Math.max(0, value) / top) * HEIGHT;
    path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isDown = true;
  }
  return path;
}

/** A word-sized line without axes; decorative, the figure beside it says the value. */
@customElement("bn-sparkline")
export class BnSparkline extends LitElement {
  static override styles = css`
    :host {
      display: block;
      height: 40px;
      overflow: hidden;
      color: var(--series-1);
    }

    svg {
      display: block;
      width: 100%;
      height: 100%;
      overflow: visible;
    }

    .line {
      fill: none;
      stroke: currentColor;
      stroke-width: 1.5;
      vector-effect: non-scaling-stroke;
      stroke-linejoin: round;
      /* A point by itself is a line of no length: its ends are all that is seen of it. */
      stroke-linecap: round;
    }

    .area {
      fill: currentColor;
      opacity: 0.12;
    }
  `;

  @property({ attribute: false }) points: readonly Point[] = [];
  @property({ attribute: false }) fromMs = 0;
  @property({ attribute: false }) toMs = 1;
  /** The value at the upper edge; by default a little above the greatest. */
  @property({ attribute: false }) ceiling: number | undefined;

  protected override render(): unknown {
    const greatest = this.points.reduce((most, point) => Math.max(most, point.value ?? 0), 0);
    const top = this.ceiling ?? (greatest > 0 ? greatest * 1.15 : 1);
    const line = sparklinePath(this.points, this.fromMs, this.toMs, top);
    const area = line
      .split("M")
      .filter((part) => part.includes("L"))
      .map((part) => {
        const first = part.split(/[ L]/)[0] ?? "0";
        const last = part.split("L").at(-1)?.split(" ")[0] ?? "0";
        return `M${first} ${HEIGHT}L${part}L${last} ${HEIGHT}Z`;
      })
      .join("");
    if (line === "") return nothing;
    const drawn = line
      .split("M")
      .map((part) => (part === "" || part.includes("L") ? part : `${part}h0`))
      .join("M");
    return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${svg`<path class="area" d=${area}></path><path class="line" d=${drawn}></path>`}
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-sparkline": BnSparkline;
  }
}
