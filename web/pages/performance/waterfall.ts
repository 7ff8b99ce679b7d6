import type { Span } from "../../data/traces.ts";

/** A span in the picture; all figures in seconds, from the beginning of the trace. */
export interface Row {
  span: Span;
  /** Position among all spans of the trace. */
  index: number;
  end: number;
  childCount: number;
  /** Position of the parent; -1 for a root. */
  parent: number;
  /** Time that none of its children took. */
  self: number;
  isCritical: boolean;
  /** Position in the colour order. */
  colour: number;
}

/** Spans as the server orders them (parents before children), with what a picture needs to know of each. */
export function rowsOf(spans: readonly Span[], colours: number): Row[] {
  const services = [...new Set(spans.map(({ service }) => service))];
  const open: number[] = [];
  const rows: Row[] = spans.map((span, index) => {
    open.length = span.depth;
    open[span.depth] = index;
    return {
      span,
      index,
      end: span.offset + span.duration,
      childCount: 0,
      parent: span.depth === 0 ? -1 : (open[span.depth - 1] ?? -1),
      self: 0,
      isCritical: false,
      colour: services.indexOf(span.service) % colours,
    };
  });
  const children = Map.groupBy(rows, ({ parent }) => parent);
  for (const row of rows) {
    const below = children.get(row.index) ?? [];
    row.childCount = below.length;
    row.self = selfTime(row, below);
  }
  markCritical(children);
  return rows;
}

/** The part of the span that no child covers; children may overlap, and outlive it. */
function selfTime({ span, end }: Row, children: readonly Row[]): number {
  let covered = 0;
  let reached = span.offset;
  for (const child of children) {
    const from = Math.max(reached, child.span.offset);
    const to = Math.min(end, child.end);
    if (to <= from) continue;
    covered += to - from;
    reached = to;
  }
  return Math.max(0, span.duration - covered);
}

/** Whether it says that it has a parent, which is not there. */
export const isOrphan = ({ depth, parentId }: Span): boolean => depth === 0 && parentId !== null;

/**
 * Marks the spans that the trace waited for: from the end of the longest root back to its beginning, each time the
 * child that ended last.
 */
function markCritical(children: ReadonlyMap<number, readonly Row[]>): void {
  // One whose parent never came is not what the trace began with, however long it is.
  const [root] = (children.get(-1) ?? []).toSorted(
    (a, b) => Number(isOrphan(a.span)) - Number(isOrphan(b.span)) || b.span.duration - a.span.duration,
  );
  const waiting = root ? [{ row: root, until: root.end }] : [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { row, until } = next;
    row.isCritical = true;
    let reached = Math.min(until, row.end);
    for (const child of (children.get(row.index) ?? []).toSorted((a, b) => b.end - a.end)) {
      if (child.span.offset >= reached) continue;
      // What ended while another was waited for held nobody up.
      if (child.end > reached && child.span.offset < row.span.offset) continue;
      waiting.push({ row: child, until: Math.min(child.end, reached) });
      reached = child.span.offset;
    }
  }
}

/** The rows that are not within a collapsed one. */
export function shownRows(rows: readonly Row[], collapsed: ReadonlySet<string>): Row[] {
  const shown: Row[] = [];
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const { depth, spanId } = row.span;
    if (depth > hiddenBelow) continue;
    hiddenBelow = collapsed.has(spanId) ? depth : Number.POSITIVE_INFINITY;
    shown.push(row);
  }
  return shown;
}
