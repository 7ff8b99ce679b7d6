import { html } from "lit";
import "../../components/bn-empty.ts";

/** In place of an editor whose subject is not among those that there are. */
export const drawMissing = (heading: string, href: string, label: string): unknown =>
  html`<section class="panel">
    <bn-empty icon="search" heading=${heading} text="It may have been removed meanwhile.">
      <a class="button" href=${href}>${label}</a>
    </bn-empty>
  </section>`;
