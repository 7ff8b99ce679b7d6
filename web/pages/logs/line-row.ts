import { html, nothing } from "lit";
import type { LogLine } from "../../data/logs.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatExact } from "../../lib/format.ts";
import type { Marker } from "../../lib/log-query.ts";
import type { OptionalColumn } from "./address.ts";
import { markedText, rowText, wholeMessage } from "./line-text.ts";

const MAX_SHOWN = 100;
const COLUMN_WIDTHS = { source: "104px", ids: "120px" } as const;

/** How rows look. */
export interface RowLook {
  columns: readonly OptionalColumn[];
  wraps: boolean;
  marker: Marker;
  activeId: number | undefined;
  selectedId: number | undefined;
}

/** The columns of a row's grid. */
export const rowColumns = (columns: readonly OptionalColumn[]): string =>
  [
    "100px",
    "76px",
    ...(columns.includes("source") ? [COLUMN_WIDTHS.source] : []),
    "minmax(0, 1fr)",
    ...(columns.includes("ids") ? [COLUMN_WIDTHS.ids] : []),
  ].join(" ");

/** One row: an option of the list box, with nothing in it that could take the focus. */
export function drawRow(line: LogLine, { columns, wraps, marker, activeId, selectedId }: RowLook): unknown {
  const { id, at, level, source, correlationId, traceId } = line;
  const { time, cut, fields } = rowText(line);
  return html`<div
    role="option"
    id="line-${id}"
    class="row ${level} ${id === activeId ? "active" : ""}"
    aria-selected=${String(id === selectedId)}
    data-id=${id}
  >
    <time title=${formatExact(Date.parse(at))}>${time}</time>
    <span class="level">${level}</span>
    ${columns.includes("source") ? html`<span class="source">${foreignText(source, MAX_SHOWN)}</span>` : nothing}
    <span class="message"
      >${markedText(wraps ? wholeMessage(line) : cut, marker)}${
        columns.includes("fields") && fields !== ""
          ? html`<span class="field">  ${markedText(fields, marker)}</span>`
          : nothing
      }</span
    >
    ${columns.includes("ids") ? html`<span class="id">${foreignText(correlationId ?? traceId ?? "", MAX_SHOWN)}</span>` : nothing}
  </div>`;
}
