import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-icon.ts";
import type { EventRecord } from "../../data/events.ts";
import { formatExact } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";

const INDENT = 2;

/** All that an event says. */
@customElement("bn-event-detail")
export class BnEventDetail extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      h2 {
        overflow-wrap: anywhere;
      }

      dl {
        display: grid;
        grid-template-columns: 100px minmax(0, 1fr);
        gap: var(--space-2) var(--space-3);
        padding: var(--space-4);
        font-size: var(--text-13);
      }

      dt {
        color: var(--faint);
      }

      dd {
        overflow-wrap: anywhere;
      }

      pre {
        max-height: 50dvh;
        margin: 0;
        padding: var(--space-4);
        border-top: 1px solid var(--line);
        overflow: auto;
        font-family: var(--font-mono);
        font-size: var(--text-12);
        line-height: 1.6;
      }

      .copies {
        padding: 0 var(--space-4) var(--space-4);
      }
    `,
  ];

  @property({ attribute: false }) event: EventRecord | undefined;
  /** The address of the page without an event chosen. */
  @property() back = "/events";

  protected override render(): unknown {
    const { event } = this;
    if (event === undefined) return nothing;
    const payload = JSON.stringify(event.payload, undefined, INDENT) ?? "null";
    return html`<section class="panel" aria-labelledby="heading">
      <header>
        <h2 id="heading">${event.type}</h2>
        <a class="button quiet icon-only" href=${this.back} aria-label="Close the event"
          ><bn-icon name="close"></bn-icon
        ></a>
      </header>
      <dl>
        <dt>When</dt>
        <dd><time datetime=${event.time}>${formatExact(Date.parse(event.time))}</time></dd>
        <dt>Source</dt>
        <dd>${event.source}</dd>
        <dt>Correlation</dt>
        <dd>
          <code>${event.correlationId}</code><br /><a
            href="/logs?${new URLSearchParams({ correlation: event.correlationId })}"
            >Its log lines</a
          >
        </dd>
        <dt>Id</dt>
        <dd><code>${event.id}</code> <span class="faint">number ${event.seq}</span></dd>
      </dl>
      <div class="row copies">
        <bn-copy compact .text=${event.correlationId} label="Copy correlation id"></bn-copy>
        <bn-copy compact .text=${payload} label="Copy payload"></bn-copy>
      </div>
      <pre tabindex="0" role="region" aria-label="Payload">${payload}</pre>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-event-detail": BnEventDetail;
  }
}
