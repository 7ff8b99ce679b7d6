import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-dialog.ts";
import type { AuditEntry } from "../../data/audit.ts";
import { foreignBlock, foreignText } from "../../lib/foreign-text.ts";
import { formatExact } from "../../lib/format.ts";
import { baseStyles } from "../../styles/shared.ts";

/** Everything a row of the audit log says. */
@customElement("bn-audit-detail")
export class BnAuditDetail extends LitElement {
  static override styles = [
    baseStyles,
    css`
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: var(--space-2) var(--space-4);
        margin: 0 0 var(--space-4);
        font-size: var(--text-13);
      }

      dt {
        color: var(--faint);
      }

      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }

      pre {
        margin: 0 0 var(--space-4);
        padding: var(--space-3);
        overflow: auto;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--ground);
        font-family: var(--font-mono);
        font-size: var(--text-12);
      }
    `,
  ];

  @state() private entry: AuditEntry | undefined;

  async open(entry: AuditEntry): Promise<void> {
    this.entry = entry;
    await this.updateComplete;
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  protected override render(): unknown {
    const { entry } = this;
    return html`<bn-dialog heading=${entry ? `Row ${entry.seq}: ${entry.action}` : "Row"}>
      ${entry ? this.#facts(entry) : nothing}
    </bn-dialog>`;
  }

  #facts(entry: AuditEntry): unknown {
    const facts = [
      ["When", formatExact(Date.parse(entry.at))],
      ["Actor", entry.actor],
      ["Target", entry.target],
      ["Outcome", entry.outcome === "denied" ? "Denied" : "Done"],
      ["Times", entry.count === 1 ? "Once" : `${entry.count} times within a minute, gathered`],
      ["From", entry.address || "Binnacle itself"],
      ["Correlation id", entry.correlationId || "–"],
      ["MAC", entry.mac],
    ] as const;
    const detail = JSON.stringify(entry.detail, undefined, 2);
    return html`<dl>
        ${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${foreignText(value)}</dd>`)}
      </dl>
      ${detail === "{}" ? nothing : html`<pre tabindex="0" aria-label="Detail">${foreignBlock(detail)}</pre>`}
      <bn-copy label="Copy as JSON" .text=${JSON.stringify(entry, undefined, 2)}></bn-copy>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-audit-detail": BnAuditDetail;
  }
}
