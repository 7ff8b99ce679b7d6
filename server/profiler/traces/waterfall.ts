import type { Span } from "./span.ts";

/** A span in its place. */
export interface PlacedSpan extends Span {
  /** 0 for a root, one more for each parent above it. */
  depth: number;
  /** How far it was moved, for the clock of its sender goes differently from that of its caller; see {@link moved}. */
  movedUs: number;
}

/**
 * The spans of a trace in the order in which a waterfall draws them: parents before children, siblings by their start.
 * A span whose parent is missing, or that is its own ancestor, stands as a root.
 */
export function waterfall(spans: readonly Span[]): PlacedSpan[] {
  const known = new Set(spans.map(({ id }) => id));
  const sorted = spans.toSorted(byStart);
  const children = Map.groupBy(sorted, ({ parentId }) =>
    parentId !== null && known.has(parentId) ? parentId : undefined,
  );
  const placed: PlacedSpan[] = [];
  const seen = new Set<string>();
  const place = (root: Span): void => {
    const waiting: PlacedSpan[] = [{ ...root, depth: 0, movedUs: 0 }];
    for (let span = waiting.pop(); span; span = waiting.pop()) {
      if (seen.has(span.id)) continue;
      seen.add(span.id);
      placed.push(span);
      const parent = span;
      const below = (children.get(span.id) ?? []).map((child) => moved(child, parent));
      waiting.push(...below.sort(byStart).reverse());
    }
  };
  for (const root of children.get(undefined) ?? []) place(root);
  // What is left hangs in circles.
  for (const span of sorted) if (!seen.has(span.id)) place(span);
  return placed;
}

const byStart = (a: Span, b: Span): number => a.startedAtUs - b.startedAtUs || (a.id < b.id ? -1 : 1);

/**
 * A child under its parent. Nothing begins before what began it, and no call reaches a server once the client has its
 * answer: where another service says so, its clock goes differently, and the child is moved into the middle of its parent
 * (to its beginning, when it is the longer one), as the two ways of a call take about the same. What the same service did
 * within moves along. (After the clock skew adjuster of Jaeger.)
 */
function moved(child: Span, parent: PlacedSpan): PlacedSpan {
  const depth = parent.depth + 1;
  const by = (movedUs: number): PlacedSpan => ({
    ...child,
    startedAtUs: child.startedAtUs + movedUs,
    depth,
    movedUs,
  });
  if (child.service === parent.service) return by(parent.movedUs);
  const isTooEarly = child.startedAtUs < parent.startedAtUs;
  const isTooLate =
    parent.kind === "client" &&
    child.kind === "server" &&
    child.startedAtUs > parent.startedAtUs + parent.durationUs;
  if (!isTooEarly && !isTooLate) return by(0);
  const wayUs = Math.max(0, Math.floor((parent.durationUs - child.durationUs) / 2));
  return by(parent.startedAtUs + wayUs - child.startedAtUs);
}
