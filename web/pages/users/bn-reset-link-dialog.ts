import { html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-dialog.ts";
import "../../components/bn-time.ts";
import type { ResetLink } from "../../data/types.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

/** Shows a link that sets a new password, the only time it is known. */
@customElement("bn-reset-link-dialog")
export class BnResetLinkDialog extends LitElement {
  static override styles = [baseStyles, controlStyles, dialogFormStyles];

  @state() private link: ResetLink | undefined;

  async open(link: ResetLink): Promise<void> {
    this.link = link;
    await this.updateComplete;
    await this.renderRoot.querySelector("bn-dialog")?.open();
    // The link does not outlive the dialog.
    this.link = undefined;
  }

  protected override render(): unknown {
    const { link } = this;
    return html`<bn-dialog heading=${link ? `A link for ${link.userName}` : "A link"}>
      ${
        link === undefined
          ? nothing
          : html`<div class="done">
            <p class="soft">
              Hand it to ${link.userName} in a way that nobody else reads. Whoever opens it sets their password: once,
              until <bn-time .at=${link.expiresAt}></bn-time>. A newer link voids it.
            </p>
            <div class="secret" tabindex="0" role="textbox" aria-readonly="true" aria-label="Link">${link.url}</div>
            <footer>
              <bn-copy label="Copy link" .text=${link.url}></bn-copy>
              <button
                class="button primary"
                type="button"
                @click=${() => this.renderRoot.querySelector("bn-dialog")?.close()}
              >
                I have it
              </button>
            </footer>
          </div>`
      }
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-reset-link-dialog": BnResetLinkDialog;
  }
}
