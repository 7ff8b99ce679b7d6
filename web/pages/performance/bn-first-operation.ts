import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-empty.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { performanceStyles } from "./performance-styles.ts";

/** Teaches how an application sends what it did. */
@customElement("bn-first-operation")
export class BnFirstOperation extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, performanceStyles];

  @property() heading = "";

  protected override render(): unknown {
    const { origin } = location;
    const otlp = [
      `OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`,
      'OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer bnc_…"',
    ].join("\n");
    const report = [
      `curl ${origin}/api/v3/operations \\`,
      "  -H 'authorization: Bearer bnc_…' -H 'content-type: application/json' \\",
      `  -d '{"operations":[{"operation":"resize","service":"shop","duration":0.25}]}'`,
    ].join("\n");
    return html`<bn-empty
      icon="gauge"
      heading=${this.heading}
      text="Point an OpenTelemetry exporter at this server (OTLP over HTTP) and its spans appear here, as traces and as operations; or report single operations. Both need a token that holds profiler:write."
    >
      <pre tabindex="0" role="region" aria-label="Settings of OpenTelemetry">${otlp}</pre>
      <bn-copy .text=${otlp} label="Copy the settings"></bn-copy>
      <pre tabindex="0" role="region" aria-label="Command">${report}</pre>
      <bn-copy .text=${report} label="Copy the command"></bn-copy>
      <a class="button" href="/users?tab=tokens">Make a token</a>
    </bn-empty>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-first-operation": BnFirstOperation;
  }
}
