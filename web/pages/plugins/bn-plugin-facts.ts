import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import { ORIGIN_WORDS, pluginHref, SANDBOX_WORDS } from "../../data/plugin-words.ts";
import type { PluginDetail } from "../../data/plugins-types.ts";
import { foreignText, safeHref } from "../../lib/foreign-text.ts";
import { formatBytes, formatDuration } from "../../lib/format.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import { pluginStyles } from "./plugin-styles.ts";

const DIGEST_SHOWN = 12;
const actorName = (actor: string): string => foreignText(actor.split("/").at(-1) ?? actor, 80);

/** What is known of a plugin: where it comes from, who holds it, within which limits, what it needs. */
@customElement("bn-plugin-facts")
export class BnPluginFacts extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    pluginStyles,
    css`
      .sandbox {
        display: grid;
        gap: 2px;
      }
    `,
  ];

  @property({ attribute: false }) plugin: PluginDetail | undefined;

  #sandbox({ level, limits }: PluginDetail): unknown {
    const words = level === null ? undefined : SANDBOX_WORDS[level];
    return html`<dt>Sandbox</dt>
      <dd class="sandbox">
        ${
          words === undefined
            ? html`<span>It has no process now; it is held when it starts</span>`
            : html`<span><bn-status level=${words.level}>${words.title}</bn-status></span><span class="soft">${words.detail}</span>`
        }
      </dd>
      <dt>Limits</dt>
      <dd>
        ${formatDuration(limits.timeoutMs / 1000)} a call · ${limits.concurrency} calls at once · ${formatBytes(limits.memoryBytes)} of memory ·
        answers up to ${formatBytes(limits.outputBytes)}
      </dd>`;
  }

  protected override render(): unknown {
    const { plugin } = this;
    if (plugin === undefined) return nothing;
    const { id, origin, author, license, homepage, pid, startedAt, activation } = plugin;
    const link = safeHref(homepage);
    return html`<section class="panel" aria-labelledby="about">
      <header><h2 id="about">About</h2></header>
      <dl class="facts">
        <dt>Id</dt>
        <dd><code>${id}</code></dd>
        <dt>Origin</dt>
        <dd>${ORIGIN_WORDS[origin]}</dd>
        ${author === "" ? nothing : html`<dt>Author</dt><dd>${foreignText(author)}${license === "" ? nothing : ` · ${foreignText(license, 60)}`}</dd>`}
        ${link === undefined ? nothing : html`<dt>Homepage</dt><dd><a href=${link} target="_blank" rel="noopener noreferrer">${foreignText(link)}</a></dd>`}
        <dt>Process</dt>
        <dd>
          ${pid === null ? (activation === "lazy" ? "none until it is called" : "none") : html`<code>${pid}</code>, started <bn-time .at=${startedAt}></bn-time>`}
        </dd>
        ${this.#collection(plugin)} ${this.#sandbox(plugin)} ${this.#relations(plugin)}
        ${plugin.digest === "" ? nothing : this.#code(plugin)}
        <dt>First found</dt>
        <dd><bn-time .at=${plugin.registeredAt}></bn-time> by ${actorName(plugin.registeredBy)}</dd>
        <dt>Last changed</dt>
        <dd><bn-time .at=${plugin.changedAt}></bn-time> by ${actorName(plugin.changedBy)}</dd>
      </dl>
    </section>`;
  }

  #collection({ collection }: PluginDetail): unknown {
    if (collection === null) return nothing;
    const { intervalSeconds, lastAt, values, error } = collection;
    const last =
      lastAt === null
        ? "not asked yet"
        : html`${error === null ? `${values} ${values === 1 ? "value" : "values"}` : html`<bn-status level="watch">failed</bn-status>`}
            <bn-time .at=${lastAt}></bn-time>`;
    return html`<dt>Collects</dt>
      <dd>every ${formatDuration(intervalSeconds)} · ${last}
        ${error === null ? nothing : html`<div class="wrap">${foreignText(error, 300)}</div>`}
      </dd>`;
  }

  #code({ files, digest, signedBy }: PluginDetail): unknown {
    return html`<dt>Files</dt>
        <dd class="row">
          ${files.length} · <code title=${digest}>${digest.slice(0, DIGEST_SHOWN)}</code>
          <bn-copy compact .text=${digest} label="Copy digest"></bn-copy>
        </dd>
      <dt>Signature</dt>
        <dd>${signedBy === null ? "none" : html`by key <code>${foreignText(signedBy)}</code>`}</dd>`;
  }

  #relations({ dependencies, hooks }: PluginDetail): unknown {
    return html`${
      dependencies.length === 0
        ? nothing
        : html`<dt>Needs plugins</dt>
          <dd>
            ${dependencies.map(
              ({ id, range, satisfied }) => html`<div>
                <a href=${pluginHref(id)}>${foreignText(id, 64)}</a> <code>${foreignText(range, 60)}</code>
                ${satisfied ? nothing : html`<bn-status level="alarm">not met</bn-status>`}
              </div>`,
            )}
          </dd>`
    }
    ${
      hooks.length === 0
        ? nothing
        : html`<dt>Is told of</dt>
          <dd>
            ${hooks.map(
              ({ event, granted }) =>
                html`<div><code>${foreignText(event, 120)}</code>${granted ? nothing : html` <span class="faint">once approved</span>`}</div>`,
            )}
          </dd>`
    }`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-facts": BnPluginFacts;
  }
}
