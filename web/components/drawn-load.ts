import { html } from "lit";
import type { Load } from "../controllers/load.ts";
import "./bn-error.ts";
import "./bn-skeleton.ts";

/** The place of a whole panel that loads: its skeleton, why it could not come with a way to try again, or what came. */
export function drawLoad<T>(load: Load<T | undefined>, draw: (value: T) => unknown): unknown {
  const { state } = load;
  if (state.kind === "failed")
    return html`<section class="panel">
      <bn-error .problem=${state.problem} can-retry @retry=${() => void load.run()}></bn-error>
    </section>`;
  return state.kind === "loading" || state.value === undefined
    ? html`<bn-skeleton shape="block"></bn-skeleton>`
    : draw(state.value);
}
