import { html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { pluginsPageStyles } from "./page-styles.ts";

const HELLO = [
  'import { definePlugin } from "binnacle";',
  "",
  "export default definePlugin({",
  '  execute: () => "hello",',
  "});",
].join("\n");
const COMMAND = "binnacle plugin new hello";

/** How to write one's first plugin: one file, no manifest, no permission. */
@customElement("bn-first-plugin")
export class BnFirstPlugin extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, pluginsPageStyles];

  protected override render(): unknown {
    return html`<section class="panel" aria-labelledby="teach">
      <div class="teach">
        <div>
          <h2 id="teach">Write your own</h2>
          <p>
            A plugin is one TypeScript file in the plugins folder. It asks for no permission, so it runs as soon as you save it,
            and again each time you do. The kernel holds it: it reaches nothing that you did not approve.
          </p>
          <p>To begin with types that work in your editor:</p>
          <p class="row"><code>${COMMAND}</code><bn-copy compact .text=${COMMAND} label="Copy the command"></bn-copy></p>
        </div>
        <div class="stack">
          <pre tabindex="0" role="region" aria-label="plugins/hello.ts">// plugins/hello.ts
${HELLO}</pre>
          <div><bn-copy compact .text=${HELLO} label="Copy the file"></bn-copy></div>
        </div>
      </div>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-first-plugin": BnFirstPlugin;
  }
}
