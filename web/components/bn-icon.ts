import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { ICONS, type IconName } from "./icons.ts";

/** A decorative icon in the text's colour; what it means stands in words beside it or in a label. */
@customElement("bn-icon")
export class BnIcon extends LitElement {
  static override styles = css`
    :host {
      display: inline-flex;
      flex: none;
    }

    svg {
      width: var(--icon-size, 16px);
      height: var(--icon-size, 16px);
    }
  `;

  @property() name: IconName = "compass";

  protected override firstUpdated(): void {
    this.setAttribute("aria-hidden", "true");
  }

  protected override render(): unknown {
    // The markup is a build-time constant of the icon set, never data.
    return html`${unsafeHTML(ICONS[this.name])}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-icon": BnIcon;
  }
}
