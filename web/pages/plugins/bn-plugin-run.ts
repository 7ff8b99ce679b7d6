import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-error.ts";
import "../../components/bn-field.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-status.ts";
import { Action } from "../../controllers/action.ts";
import { whyNoCalls } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { PluginDetail } from "../../data/plugins-types.ts";
import { foreignBlock } from "../../lib/foreign-text.ts";
import { formatDuration, formatTimeOfDay } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { pluginStyles } from "./plugin-styles.ts";

const INDENT = 2;
const MAX_INPUT = 100_000;

interface Outcome {
  atMs: number;
  durationMs: number;
  result: unknown;
}

/** Calls a plugin once, by hand: its input as JSON, its answer, and how long it took. */
@customElement("bn-plugin-run")
export class BnPluginRun extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    pluginStyles,
    css`
      form {
        display: grid;
        gap: var(--space-3);
      }

      textarea {
        min-height: 160px;
        padding: var(--space-3);
        font-family: var(--font-mono);
        font-size: var(--text-13);
        line-height: 1.5;
        resize: vertical;
      }

      @media (pointer: coarse), (max-width: 720px) {
        .key {
          display: none;
        }
      }

      .both {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        align-items: start;
        gap: var(--space-4);
      }

      @media (max-width: 1100px) {
        .both {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) plugin: PluginDetail | undefined;
  @state() private text = "";
  @state() private outcome: Outcome | undefined;
  readonly #call = new Action(this);
  #leave: AbortController | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leave?.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("plugin");
    if (before === undefined || before.id === this.plugin?.id) return;
    this.text = "";
    this.outcome = undefined;
    this.#call.clear();
  }

  get #input(): { value: unknown } | { problem: string } {
    if (this.text.trim() === "") return { value: undefined };
    try {
      return { value: JSON.parse(this.text) };
    } catch (error) {
      return { problem: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  async #run(event: Event): Promise<void> {
    event.preventDefault();
    const { plugins, plugin } = this;
    const input = this.#input;
    if (plugins === undefined || plugin === undefined || "problem" in input) return;
    const leave = new AbortController();
    this.#leave = leave;
    await this.#call.run(async () => {
      this.outcome = undefined;
      const { result, durationMs } = await plugins.execute(plugin.id, input.value, leave.signal);
      this.outcome = { atMs: Date.now(), durationMs, result };
    });
  }

  #answer(): unknown {
    const { problem, isBusy } = this.#call;
    const { outcome } = this;
    if (isBusy) return html`<p class="note" role="status">It is at work…</p>`;
    if (problem !== undefined) return html`<bn-error .problem=${problem}></bn-error>`;
    if (outcome === undefined)
      return html`<p class="note">What it answers will stand here, with the time it took.</p>`;
    const text = JSON.stringify(outcome.result, undefined, INDENT) ?? "null";
    return html`<div class="content row">
        <bn-status level="calm" role="status">Answered in ${formatDuration(outcome.durationMs / 1000)}</bn-status>
        <span class="faint">at ${formatTimeOfDay(outcome.atMs)}</span>
        <bn-copy compact .text=${text} label="Copy the answer"></bn-copy>
      </div>
      <pre tabindex="0" role="region" aria-label="Answer">${foreignBlock(text)}</pre>`;
  }

  protected override render(): unknown {
    const { plugin } = this;
    if (plugin === undefined) return nothing;
    const input = this.#input;
    const { isBusy } = this.#call;
    const canRun = plugin.verbs.includes("execute");
    return html`<div class="both">
      <section class="panel" aria-labelledby="input">
        <header>
          <h2 id="input">Call it</h2>
        </header>
        <form class="content" @submit=${this.#run}>
          <bn-field
            label="Input (JSON)"
            help="Empty: it is called without input"
            .error=${"problem" in input ? input.problem : undefined}
            ><textarea
              name="input"
              spellcheck="false"
              maxlength=${MAX_INPUT}
              placeholder='{ "text": "hello" }'
              .value=${this.text}
              @input=${({ target }: Event) => {
                if (target instanceof HTMLTextAreaElement) this.text = target.value;
              }}
              @keydown=${(event: KeyboardEvent) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.#run(event);
              }}
            ></textarea>
          </bn-field>
          <div class="row">
            <button class="button primary" type="submit" ?disabled=${isBusy || !canRun || "problem" in input}>
              <bn-icon name="play"></bn-icon>Call
            </button>
            ${isBusy ? html`<button class="button" type="button" @click=${() => this.#leave?.abort()}>Give up waiting</button>` : nothing}
            ${canRun ? html`<span class="faint key">Ctrl Enter</span>` : html`<span class="soft">${whyNoCalls(plugin)}</span>`}
          </div>
        </form>
      </section>
      <section class="panel" aria-labelledby="answer">
        <header><h2 id="answer">Answer</h2></header>
        ${this.#answer()}
      </section>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-run": BnPluginRun;
  }
}
