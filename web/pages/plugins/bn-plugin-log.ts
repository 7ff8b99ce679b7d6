import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { FEED_PHASES } from "../../components/feed-phases.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import { Observe } from "../../controllers/observe.ts";
import type { PluginLog } from "../../data/plugin-log.ts";
import { LOG_LEVELS, type LogLevel, type LogLine, type PluginDetail } from "../../data/plugins-types.ts";
import { foreignBlock, foreignValue } from "../../lib/foreign-text.ts";
import { formatExact, formatTimeOfDay } from "../../lib/format.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { logStyles } from "./log-styles.ts";
import { pluginStyles } from "./plugin-styles.ts";

/** Rows drawn at once: the newest of those that fit the filter. */
const MAX_DRAWN = 600;
const MAX_LINE = 4_000;
/** Nearer to the end than this, the view follows new lines. */
const FOLLOW_DISTANCE_PX = 40;

const LEVEL_CHOICES: readonly { id: LogLevel; label: string }[] = [
  { id: "debug", label: "All" },
  { id: "info", label: "Info and above" },
  { id: "warning", label: "Warnings and errors" },
  { id: "error", label: "Errors" },
];

/** What a plugin writes, as it writes it; and what its process said last on standard error. */
@customElement("bn-plugin-log")
export class BnPluginLog extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, chipStyles, pluginStyles, logStyles];

  @property({ attribute: false }) log: PluginLog | undefined;
  @property({ attribute: false }) plugin: PluginDetail | undefined;
  @state() private least: LogLevel = "debug";
  @state() private text = "";
  /** Set while the reader holds the list still: nothing newer than this is drawn. */
  @state() private pausedAtSeq: number | undefined;
  #followed = "";
  #isAtEnd = true;

  constructor() {
    super();
    new Observe(this, () => this.log?.lines);
    new Observe(this, () => this.log?.phase);
    new Observe(this, () => this.log?.problem);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.log?.stop();
    this.#followed = "";
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const id = this.plugin?.id ?? "";
    if (id === "" || id === this.#followed || !this.isConnected) return;
    this.#followed = id;
    this.pausedAtSeq = undefined;
    this.log?.follow(id);
  }

  protected override updated(): void {
    const list = this.renderRoot.querySelector(".lines");
    if (list !== null && this.#isAtEnd && this.pausedAtSeq === undefined) list.scrollTop = list.scrollHeight;
  }

  #scrolled({ target }: Event): void {
    if (!(target instanceof HTMLElement)) return;
    this.#isAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < FOLLOW_DISTANCE_PX;
  }

  #togglePause(): void {
    this.pausedAtSeq = this.pausedAtSeq === undefined ? (this.log?.lines.value?.at(-1)?.seq ?? 0) : undefined;
    this.#isAtEnd = true;
  }

  #shown(all: readonly LogLine[]): LogLine[] {
    const from = LOG_LEVELS.indexOf(this.least);
    const word = this.text.toLowerCase();
    const until = this.pausedAtSeq ?? Number.POSITIVE_INFINITY;
    return all.filter(
      ({ seq, level, message, fields, correlationId }) =>
        seq <= until &&
        LOG_LEVELS.indexOf(level) >= from &&
        (word === "" ||
          `${message} ${JSON.stringify(fields)} ${correlationId ?? ""}`.toLowerCase().includes(word)),
    );
  }

  #head(all: readonly LogLine[]): unknown {
    const { pausedAtSeq } = this;
    const held = pausedAtSeq === undefined ? 0 : all.filter(({ seq }) => seq > pausedAtSeq).length;
    const phase = FEED_PHASES[this.log?.phase.value ?? "idle"];
    const { level, word } =
      pausedAtSeq === undefined
        ? phase
        : { level: "watch" as const, word: held === 0 ? "Paused" : `Paused · ${held} new` };
    const isPaused = pausedAtSeq !== undefined;
    return html`<header>
      <div class="row">
        <h2 id="log">Log</h2>
        <bn-status level=${level} aria-live="polite">${word}</bn-status>
      </div>
      <button class="button" type="button" @click=${this.#togglePause}>
        <bn-icon name=${isPaused ? "play" : "pause"}></bn-icon>${isPaused ? "Follow" : "Pause"}
      </button>
    </header>`;
  }

  #filters(): unknown {
    return html`<div class="filters">
      <div class="chips" role="group" aria-label="Level">
        ${LEVEL_CHOICES.map(
          ({ id, label }) => html`<button
            class="chip"
            type="button"
            aria-pressed=${String(id === this.least)}
            @click=${() => {
              this.least = id;
            }}
          >
            ${label}
          </button>`,
        )}
      </div>
      <input
        class="end"
        type="search"
        aria-label="Search these lines"
        placeholder="Search these lines"
        maxlength="200"
        .value=${this.text}
        @input=${({ target }: Event) => {
          if (target instanceof HTMLInputElement) this.text = target.value;
        }}
      />
    </div>`;
  }

  #line({ seq, at, level, source, message, fields, correlationId }: LogLine): unknown {
    const atMs = Date.parse(at);
    const said = [
      ...Object.entries(fields),
      ...(correlationId === null ? [] : [["call", correlationId] as const]),
    ];
    return html`<li class=${level} data-seq=${seq}>
      <time datetime=${at} title=${formatExact(atMs)}>${formatTimeOfDay(atMs)}</time>
      <span class="level">${level}</span>
      <span class="source">${source === "plugin" ? nothing : source}</span>
      <span class="message"
        ><bdi>${foreignBlock(message, MAX_LINE)}</bdi>${said.map(
          ([name, value]) =>
            html` <span class="field">${foreignValue(name, 60)}=${foreignValue(value, 200)}</span>`,
        )}</span
      >
    </li>`;
  }

  #lines(all: readonly LogLine[]): unknown {
    const shown = this.#shown(all);
    if (shown.length === 0)
      return all.length === 0
        ? html`<bn-empty
            icon="scroll"
            heading="It has written nothing yet"
            text="What it logs (ctx.logger) and what its process writes appear here at once."
          ></bn-empty>`
        : html`<p class="note">None of the ${all.length} kept lines fits.</p>`;
    const drawn = shown.slice(-MAX_DRAWN);
    return html`<div class="lines" tabindex="0" role="region" aria-label="Log lines, oldest first" @scroll=${this.#scrolled}><ul>
      ${drawn.length < shown.length ? html`<li class="cut">The newest ${drawn.length} of ${shown.length} lines</li>` : nothing}
      ${repeat(
        drawn,
        ({ seq }) => seq,
        (line) => this.#line(line),
      )}
    </ul></div>`;
  }

  #content(): unknown {
    const all = this.log?.lines.value;
    const problem = this.log?.problem.value;
    if (all !== undefined) return this.#lines(all);
    return problem === undefined
      ? html`<bn-skeleton shape="block"></bn-skeleton>`
      : html`<bn-error .problem=${problem} can-retry @retry=${() => void this.log?.load()}></bn-error>`;
  }

  protected override render(): unknown {
    const tail = this.plugin?.stderrTail ?? [];
    return html`<div class="stack">
      <section class="panel" aria-labelledby="log">
        ${this.#head(this.log?.lines.value ?? [])} ${this.#filters()} ${this.#content()}
      </section>
      ${
        tail.length === 0
          ? nothing
          : html`<section class="panel" aria-labelledby="stderr">
            <header>
              <h2 id="stderr">Last words on standard error</h2>
              <span class="faint">What its process wrote past the log, a crash's stack among it</span>
            </header>
            <pre tabindex="0" role="region" aria-label="Standard error">${foreignBlock(tail.join("\n"))}</pre>
          </section>`
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-log": BnPluginLog;
  }
}
