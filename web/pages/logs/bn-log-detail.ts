import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import stripAnsi from "strip-ansi";
import "../../components/bn-copy.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import { Load } from "../../controllers/load.ts";
import type { LogLine, Logs } from "../../data/logs.ts";
import { foreignBlock, foreignText } from "../../lib/foreign-text.ts";
import { formatExact } from "../../lib/format.ts";
import { fieldTerm, type Marker } from "../../lib/log-query.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { logsHref } from "./address.ts";
import "./bn-log-context.ts";
import { logDetailStyles } from "./detail-styles.ts";
import { markedText } from "./line-text.ts";
import { levelStyles } from "./list-styles.ts";

const INDENT = 2;
const ID_FIELDS = new Set(["correlationId", "traceId", "spanId"]);

/** All that a line says, and what stands around it. Fires `close` and `term` (CustomEvent<string>: to be searched for). */
@customElement("bn-log-detail")
export class BnLogDetail extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, levelStyles, logDetailStyles];

  @property({ attribute: false }) logs: Logs | undefined;
  @property({ attribute: false }) lineId = 0;
  /** The line, when the page holds it. */
  @property({ attribute: false }) known: LogLine | undefined;
  @property({ attribute: false }) marker: Marker = (text) => [{ text, isHit: false }];
  /** The address of this page with this line open. */
  @property() href = "";
  readonly #load = new Load<LogLine | undefined>(this, () => this.#read());

  #askedId: number | undefined;

  protected override updated(): void {
    if (this.known !== undefined || this.logs === undefined || this.#askedId === this.lineId) return;
    this.#askedId = this.lineId;
    void this.#load.run();
  }

  async #read(): Promise<LogLine | undefined> {
    const around = { before: 0, after: 0, everySource: false };
    return (await this.logs?.context(this.lineId, around))?.line;
  }

  #ids({ correlationId, traceId, spanId }: LogLine): unknown {
    return html`${
      correlationId === null
        ? nothing
        : html`<dt>Correlation</dt>
          <dd>
            <code>${foreignText(correlationId)}</code><br /><a href=${logsHref({ correlationId })}
              >Lines of this request</a
            ><a href="/events?${new URLSearchParams({ range: "all", correlation: correlationId })}">Its events</a>
          </dd>`
    }${
      traceId === null
        ? nothing
        : html`<dt>Trace</dt>
          <dd>
            <code>${foreignText(traceId)}</code>${spanId === null ? nothing : html` <span class="faint">span ${foreignText(spanId)}</span>`}<br /><a
              href=${logsHref({ traceId })}
              >Lines of this trace</a
            ><a href="/performance/traces/${encodeURIComponent(traceId)}">Its waterfall</a>
          </dd>`
    }`;
  }

  #verb(name: string, value: unknown, isWanted: boolean): unknown {
    const term = fieldTerm(name, value, isWanted);
    if (term === undefined) return nothing;
    const words = `${isWanted ? "Only lines with" : "No lines with"} this ${foreignText(name, 60)}`;
    return html`<button
      class="button quiet icon-only"
      type="button"
      aria-label=${words}
      title=${words}
      @click=${() => this.dispatchEvent(new CustomEvent("term", { detail: term }))}
    >
      ${isWanted ? "+" : "−"}
    </button>`;
  }

  #fields({ fields }: LogLine): unknown {
    const said = Object.entries(fields).filter(([name]) => !ID_FIELDS.has(name));
    if (said.length === 0) return nothing;
    return html`<table aria-label="Fields">
      <tbody>
        ${said.map(
          ([name, value]) => html`<tr>
            <th scope="row">${foreignText(name)}</th>
            <td>${markedText(foreignBlock(typeof value === "string" ? stripAnsi(value) : JSON.stringify(value)), this.marker)}</td>
            <td class="verbs">${this.#verb(name, value, true)}${this.#verb(name, value, false)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #line(line: LogLine): unknown {
    const message = foreignBlock(stripAnsi(line.message));
    return html`<pre tabindex="0" role="region" aria-label="Message">${markedText(message, this.marker)}</pre>
      <div class="row">
        <bn-copy compact .text=${line.message} label="Copy message"></bn-copy>
        <bn-copy compact .text=${JSON.stringify(line, undefined, INDENT)} label="Copy as JSON"></bn-copy>
        <bn-copy compact .text=${this.href} label="Copy link"></bn-copy>
      </div>
      <dl>
        <dt>When</dt>
        <dd><time datetime=${line.at}>${formatExact(Date.parse(line.at))}</time> <span class="faint">${line.at}</span></dd>
        <dt>Source</dt>
        <dd>${foreignText(line.source)}</dd>
        ${this.#ids(line)}
        <dt>Line</dt>
        <dd>
          ${line.id} <a href=${logsHref({ at: line.id, line: line.id })}>Show it in the whole log</a>
        </dd>
      </dl>
      ${this.#fields(line)}
      <bn-log-context .logs=${this.logs} .lineId=${line.id}></bn-log-context>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    const line = this.known ?? (state.kind === "ready" ? state.value : undefined);
    const isLine = line?.id === this.lineId;
    return html`<section class="panel ${isLine ? line.level : ""}" aria-labelledby="heading">
      <header>
        <h2 id="heading">${isLine ? html`<span class="level">${line.level}</span>` : nothing}Line ${this.lineId}</h2>
        <button
          class="button quiet icon-only"
          type="button"
          aria-label="Close the line"
          @click=${() => this.dispatchEvent(new Event("close"))}
        >
          <bn-icon name="close"></bn-icon>
        </button>
      </header>
      <div class="body">
        ${
          isLine
            ? this.#line(line)
            : state.kind === "failed"
              ? html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`
              : html`<bn-skeleton shape="block"></bn-skeleton>`
        }
      </div>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-log-detail": BnLogDetail;
  }
}
