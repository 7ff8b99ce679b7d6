import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import type { ConfigurationStatus } from "../../data/settings.ts";
import { baseStyles } from "../../styles/shared.ts";

const SOURCES: Readonly<Record<string, string>> = {
  files: "An edit of the configuration files was not taken",
  remote: "What the remote source sent was not taken",
  overrides: "What was set here is not in force",
  secrets: "A secret that settings refer to is missing",
};

/** What a person must know of the configuration before the settings themselves; nothing when all is well. */
@customElement("bn-configuration-status")
export class BnConfigurationStatus extends LitElement {
  static override styles = [
    baseStyles,
    css`
      .notices,
      ul {
        display: grid;
        gap: var(--space-2);
      }

      .notices {
        margin-bottom: var(--space-4);
      }

      .notice {
        display: grid;
        gap: var(--space-2);
        padding: var(--space-3) var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
        font-size: var(--text-13);
      }

      .notice.alarm {
        border-color: color-mix(in oklch, var(--alarm) 50%, transparent);
      }

      .place {
        color: var(--faint);
        font-size: var(--text-12);
      }

      li,
      .place {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) status: ConfigurationStatus | undefined;

  #rejection({ source, at, problems }: ConfigurationStatus["rejections"][number]): unknown {
    return html`<section class="notice alarm" role="alert">
      <bn-status level="alarm">${SOURCES[source] ?? source}</bn-status>
      <span class="soft">The settings before it go on. It was refused <bn-time .at=${at}></bn-time>; put it right and it is taken by itself.</span>
      <ul>
        ${problems.map(
          ({ path, message, origin, line, column }) => html`<li>
            ${path === "" ? nothing : html`<code>${path}</code>: `}${message}
            <span class="place">${origin}${line === undefined ? "" : `:${line}:${column ?? 1}`}</span>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #remote({ remote }: ConfigurationStatus): unknown {
    if (remote?.failure == null) return nothing;
    return html`<section class="notice">
      <bn-status level="watch">The remote source does not answer</bn-status>
      <span class="soft"
        >${remote.failure} Its last answer stays in force (<bn-time .at=${remote.fetchedAt} none="none yet"></bn-time>).</span
      >
      <span class="place">${remote.url}</span>
    </section>`;
  }

  #ignored({ ignoredOverrides }: ConfigurationStatus): unknown {
    if (ignoredOverrides.length === 0) return nothing;
    return html`<section class="notice">
      <bn-status level="watch">This version cannot take some of what was set here</bn-status>
      <ul>
        ${ignoredOverrides.map(({ path, message }) => html`<li><code>${path}</code>: ${message}</li>`)}
      </ul>
    </section>`;
  }

  #restart({ needsRestart }: ConfigurationStatus): unknown {
    if (needsRestart.length === 0) return nothing;
    return html`<section class="notice">
      <bn-status level="info">Restart needed</bn-status>
      <span class="soft"
        >${needsRestart.map((key, index) => html`${index === 0 ? "" : ", "}<code>${key}</code>`)} take${
          needsRestart.length === 1 ? "s" : ""
        } effect when Binnacle starts the next time.</span
      >
    </section>`;
  }

  protected override render(): unknown {
    const { status } = this;
    if (status === undefined) return nothing;
    const notices = [
      ...status.rejections.map((rejection) => this.#rejection(rejection)),
      this.#remote(status),
      this.#ignored(status),
      this.#restart(status),
    ].filter((notice) => notice !== nothing);
    return notices.length === 0 ? nothing : html`<div class="notices">${notices}</div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-configuration-status": BnConfigurationStatus;
  }
}
