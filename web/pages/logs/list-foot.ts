import { html, nothing } from "lit";
import type { Busy } from "../../data/log-reader.ts";
import type { Segment } from "../../data/log-segment.ts";

const BUSY_WORDS = { jump: "Going there…", older: "Reading older lines…", newer: "Reading newer lines…" };

interface ListState {
  segment: Segment | undefined;
  busy: Busy;
  unseen: number;
}

/** Over the last rows: what is on its way, and the way to the newest line when that is not held or not in sight. */
export function drawFoot({ segment, busy, unseen }: ListState, toNewest: () => void): unknown {
  const isElsewhere = segment !== undefined && (unseen > 0 || segment.newerStart !== undefined);
  const words =
    unseen === 0
      ? "To the newest"
      : `${unseen.toLocaleString("en-GB")} new ${unseen === 1 ? "line" : "lines"}`;
  return html`${busy === undefined ? nothing : html`<span class="edge" role="status">${BUSY_WORDS[busy]}</span>`}
    ${
      isElsewhere
        ? html`<button class="button primary pill" type="button" @click=${toNewest}>${words} ↓</button>`
        : nothing
    }`;
}
