import type { Span } from "./span.ts";

/** A span in its place. */
export interface PlacedSpan extends Span {
  /** 0 for a root, one more for each parent above it. */
  depth: number;
}

/**
 * The spans of a trace in the order in which a waterfall draws them: parents before children, siblings by their start.
 * A span whose parent is missing, or that is its own ancestor, stands as a root.
 */
export function waterfall(spans: readonly Span[]): PlacedSpan[] {
  const known = new Set(spans.map(({ id }) => id));
  const sorted = spans.toSorted((a, b) => a.startedAtUs - b.startedAtUs || (a.id < b.id ? -1 : 1));
  const children = Map.groupBy(sorted, ({ parentId }) =>
    parentId !== null && known.has(parentId) ? parentId : undefined,
  );
  const placed: PlacedSpan[] = [];
  const seen = new Set<string>();
  const place = (root: Span): void => {
    const waiting: PlacedSpan[] = [{ ...root, depth: 0 }];
    for (let span = waiting.pop(); span; span = waiting.pop()) {
      if (seen.has(span.id)) continue;
      seen.add(span.id);
      placed.push(span);
      const { depth } = span;
      const below = children.get(span.id) ?? [];
      waiting.push(...below.toReversed().map((child) => ({ ...child, depth: depth + 1 })));
    }
  };
  for (const root of children.get(undefined) ?? []) place(root);
  // What is left hangs in circles.
  for (const span of sorted) if (!seen.has(span.id)) place(span);
  return placed;
}
