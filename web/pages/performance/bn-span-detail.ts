import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-status.ts";
import type { Attributes, Span } from "../../data/traces.ts";
import { foreignBlock, foreignText, foreignValue } from "../../lib/foreign-text.ts";
import { formatDuration } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { logsHref } from "./filters.ts";
import { isOrphan } from "./waterfall.ts";

/** All that a span says. */
@customElement("bn-span-detail")
export class BnSpanDetail extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      h2,
      dd {
        overflow-wrap: anywhere;
      }

      h3 {
        padding: var(--space-3) var(--space-4) 0;
        border-top: 1px solid var(--line);
        color: var(--faint);
        font-size: var(--text-12);
      }

      dl {
        display: grid;
        grid-template-columns: minmax(90px, 38%) minmax(0, 1fr);
        gap: var(--space-2) var(--space-3);
        padding: var(--space-3) var(--space-4);
        font-size: var(--text-13);
      }

      dt {
        color: var(--faint);
        overflow-wrap: anywhere;
      }

      pre {
        margin: 0;
        padding: 0 var(--space-4) var(--space-3);
        font-family: var(--font-mono);
        font-size: var(--text-12);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      .lines {
        padding: 0;
      }

      .row {
        padding: var(--space-3) var(--space-4);
        border-top: 1px solid var(--line);
      }
    `,
  ];

  @property({ attribute: false }) span: Span | undefined;
  /** Seconds that none of its children took. */
  @property({ attribute: false }) self = 0;
  @property({ attribute: false }) traceId = "";
  /** The address of the trace without a span chosen. */
  @property() back = "";

  #attributes(attributes: Attributes): unknown {
    return Object.entries(attributes).map(
      ([name, value]) => html`<dt>${foreignText(name)}</dt>
        <dd>${this.#value(value)}</dd>`,
    );
  }

  /** A stack trace keeps its lines. */
  #value(value: Attributes[string]): unknown {
    if (typeof value === "string" && value.includes("\n"))
      return html`<pre class="lines">${foreignBlock(value, 2_000)}</pre>`;
    return foreignValue(String(value), 2_000);
  }

  #events({ events }: Span): unknown {
    if (events.length === 0) return nothing;
    return html`<h3>Events</h3>
      <dl>
        ${events.map(
          ({ name, offset, attributes }) => html`<dt>+${formatDuration(offset)}</dt>
            <dd>${foreignText(name)}</dd>
            ${this.#attributes(attributes)}`,
        )}
      </dl>`;
  }

  protected override render(): unknown {
    const { span } = this;
    if (span === undefined) return nothing;
    const { name, service, kind, offset, duration, failed, message, attributes, spanId, moved } = span;
    const correlationId = attributes.correlation_id;
    return html`<section class="panel" aria-labelledby="heading">
      <header>
        <h2 id="heading">${foreignText(name)}</h2>
        <a class="button quiet icon-only" href=${this.back} aria-label="Close the span"
          ><bn-icon name="close"></bn-icon
        ></a>
      </header>
      <dl>
        <dt>Outcome</dt>
        <dd><bn-status level=${failed ? "alarm" : "calm"}>${failed ? "Failed" : "Done"}</bn-status></dd>
        <dt>Service</dt>
        <dd>${foreignText(service)} <span class="faint">${kind}</span></dd>
        <dt>Took</dt>
        <dd>${formatDuration(duration)} <span class="faint">of it itself ${formatDuration(this.self)}</span></dd>
        <dt>Began</dt>
        <dd>${formatDuration(offset)} after the trace</dd>
        ${isOrphan(span) ? html`<dt>Parent</dt><dd>has not come, so it stands alone</dd>` : nothing}
        ${moved === 0 ? nothing : html`<dt>Moved</dt><dd>${movedWords(moved)}</dd>`}
        <dt>Span id</dt>
        <dd><code>${spanId}</code></dd>
      </dl>
      ${message === "" ? nothing : html`<h3>What it says of its failure</h3><pre>${foreignBlock(message, 2_000)}</pre>`}
      ${Object.keys(attributes).length === 0 ? nothing : html`<h3>Attributes</h3><dl>${this.#attributes(attributes)}</dl>`}
      ${this.#events(span)}
      <div class="row">
        <a class="button" href=${logsHref("trace", this.traceId)}>Logs of the trace</a>
        ${
          typeof correlationId === "string"
            ? html`<a class="button" href=${logsHref("correlation", correlationId)}>Logs of the request</a>`
            : nothing
        }
        <bn-copy .text=${spanId} label="Copy the id"></bn-copy>
      </div>
    </section>`;
  }
}

const movedWords = (moved: number): string =>
  `${formatDuration(Math.abs(moved))} ${moved > 0 ? "later" : "earlier"} than its sender's clock says, which goes differently from that of its caller`;

declare global {
  interface HTMLElementTagNameMap {
    "bn-span-detail": BnSpanDetail;
  }
}
