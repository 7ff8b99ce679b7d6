import { html, nothing, type TemplateResult } from "lit";

interface Choice {
  /** What the address holds; empty for what is shown when it holds none. */
  id: string;
  label: string;
}

/** A row of links of which one is chosen: that of `present`, the one without an id when it is none of them. */
export function filterChips(
  label: string,
  choices: readonly Choice[],
  present: string,
  hrefOf: (id: string) => string,
): TemplateResult {
  const current = choices.some(({ id }) => id === present) ? present : "";
  return html`<nav class="chips" aria-label=${label}>
    ${choices.map(
      ({ id, label: words }) =>
        html`<a class="chip" href=${hrefOf(id)} aria-current=${id === current ? "true" : nothing}>${words}</a>`,
    )}
  </nav>`;
}
