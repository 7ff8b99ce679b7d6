import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-metric-card.ts";
import { MetricWindow } from "../../controllers/metric-window.ts";
import { Observe } from "../../controllers/observe.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { TimeContext } from "../../data/time-context.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import { type Card, cardsOf, changeOf } from "./cards.ts";
import { busiest, fullestMount } from "./panels.ts";

const SPARKLINE_POINTS = 120;

/** The four figures of the machine, with their course over the shown time. */
@customElement("bn-summary-cards")
export class BnSummaryCards extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      @media (max-width: 720px) {
        .grid > .quarter {
          grid-column: span 6;
        }
      }
    `,
  ];

  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) cores: number | undefined;

  #shown: MetricWindow | undefined;
  #cards: readonly Card[] = cardsOf({ series: new Map(), values: new Map(), cores: undefined });
  #mount: string | undefined;
  #network: string | undefined;

  constructor() {
    super();
    new Observe(this, () => this.live?.sample);
  }

  protected override willUpdate(): void {
    const { live, time, metrics } = this;
    const sample = live?.sample.value;
    if (live === undefined || time === undefined || metrics === undefined || sample === undefined) return;
    this.#shown ??= new MetricWindow(this, () => ({ live, time, metrics }), SPARKLINE_POINTS);
    const present = { series: live.series.value, values: sample.values, cores: this.cores };
    this.#mount ??= fullestMount(present);
    this.#network ??= busiest(present, ["network_received_bytes_per_second"], "interface");
    if (time.state.value.pausedAtMs === undefined) this.#cards = cardsOf(present, this.#mount, this.#network);
    this.#shown.show(this.#cards.map((card) => card.key));
  }

  #card(card: Card): unknown {
    const shown = this.#shown;
    const line = shown?.frame.lines.find((entry) => entry.key === card.key);
    const points = shown?.frame.t.map((t, index) => ({ t, value: line?.avg[index] })) ?? [];
    return html`<bn-metric-card
      class="quarter"
      label=${card.label}
      note=${card.note}
      tone=${card.tone}
      level=${card.level}
      extent=${card.extent}
      change=${changeOf(line, card.unit)}
      href="/metrics?series=${encodeURIComponent(card.key)}${rangeSuffix()}"
      .quantity=${card.quantity}
      .points=${points}
      .fromMs=${shown?.window.fromMs ?? 0}
      .toMs=${shown?.window.toMs ?? 1}
      .ceiling=${card.ceiling}
    ></bn-metric-card>`;
  }

  protected override render(): unknown {
    if (this.live === undefined) return nothing;
    return html`<div class="grid">${this.#cards.map((card) => this.#card(card))}</div>`;
  }
}

/** The present page's time range, so that a link shows the same time. */
function rangeSuffix(): string {
  const query = new URLSearchParams(location.search);
  const kept = ["range", "from", "to"].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [`&${name}=${encodeURIComponent(value)}`];
  });
  return kept.join("");
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-summary-cards": BnSummaryCards;
  }
}
