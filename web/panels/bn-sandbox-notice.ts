import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../components/bn-status.ts";
import { SANDBOX_WORDS } from "../data/plugin-words.ts";
import type { Sandbox } from "../data/plugins-types.ts";
import { baseStyles } from "../styles/shared.ts";

/** Says that this machine cannot hold plugins as it should, and what follows. For level `process`. */
@customElement("bn-sandbox-notice")
export class BnSandboxNotice extends LitElement {
  static override styles = [
    baseStyles,
    css`
      section {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--space-1) var(--space-4);
        padding: var(--space-3) var(--space-4);
        border: 1px solid color-mix(in oklch, var(--watch) 50%, transparent);
        border-radius: var(--radius);
        background: var(--card);
        font-size: var(--text-13);
      }

      p {
        color: var(--soft);
      }

      @media (max-width: 720px) {
        section {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  @property({ attribute: false }) sandbox: Sandbox | undefined;

  protected override render(): unknown {
    const { sandbox } = this;
    if (sandbox === undefined) return nothing;
    const effect = sandbox.isRequired
      ? "Plugins from outside are refused; those that ship with Binnacle run in processes of their own."
      : "Plugins run all the same, as the settings say (plugins.sandbox: best-effort): load only what you trust like Binnacle itself.";
    return html`<section aria-label="Sandbox">
      <bn-status level=${sandbox.isRequired ? "watch" : "alarm"}>${SANDBOX_WORDS.process.title}</bn-status>
      <p>${SANDBOX_WORDS.process.detail} ${effect} ${sandbox.message}</p>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-sandbox-notice": BnSandboxNotice;
  }
}
