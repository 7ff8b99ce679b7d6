const MAX_LINES = 5_000;
/** Differences beyond this are told as one block: the time grows with their square. */
const MAX_CHANGES = 1_000;

export interface Difference {
  added: number;
  removed: number;
  /** ` same`, `-removed`, `+added`. */
  lines: string[];
}

/**
 * The shortest way from one text to another, line by line: E. Myers, "An O(ND) Difference Algorithm and Its
 * Variations", 1986, after equal lines at both ends are set aside.
 * @throws Error over 5,000 lines
 */
export function differenceOf(before: string, after: string): Difference {
  const [a, b] = [before.split("\n"), after.split("\n")];
  if (Math.max(a.length, b.length) > MAX_LINES)
    throw new Error(`A text has at most ${MAX_LINES} lines to be compared.`);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const lines = [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
  const count = (mark: string): number => lines.filter((line) => line.startsWith(mark)).length;
  return { added: count("+"), removed: count("-"), lines };
}

const same = (line: string): string => ` ${line}`;
const removal = (line: string): string => `-${line}`;
const addition = (line: string): string => `+${line}`;

function middle(a: readonly string[], b: readonly string[]): string[] {
  const trace = furthestReaches(a, b);
  return trace ? walkBack(a, b, trace) : [...a.map(removal), ...b.map(addition)];
}

/** For each number of changes, how far each diagonal gets; undefined beyond {@link MAX_CHANGES}. */
function furthestReaches(a: readonly string[], b: readonly string[]): Map<number, number>[] | undefined {
  const trace: Map<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let changes = 0; changes <= Math.min(MAX_CHANGES, a.length + b.length); changes++) {
    trace.push(new Map(reach));
    const next = new Map(reach);
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = startOf(reach, diagonal, changes);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      next.set(diagonal, x);
      reach.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return trace;
    }
    reach = next;
  }
  return undefined;
}

/** Whether the way to `diagonal` comes by an added line (from above) rather than a removed one. */
const isAddition = (reach: Map<number, number>, diagonal: number, changes: number): boolean =>
  diagonal === -changes ||
  (diagonal !== changes && (reach.get(diagonal - 1) ?? 0) < (reach.get(diagonal + 1) ?? 0));

const startOf = (reach: Map<number, number>, diagonal: number, changes: number): number =>
  isAddition(reach, diagonal, changes) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;

function walkBack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Map<number, number>[],
): string[] {
  const lines: string[] = [];
  let [x, y] = [a.length, b.length];
  for (let changes = trace.length - 1; changes >= 0; changes--) {
    const reach = trace[changes] ?? new Map<number, number>();
    const diagonal = x - y;
    const adds = isAddition(reach, diagonal, changes);
    const before = adds ? diagonal + 1 : diagonal - 1;
    const [fromX, fromY] = [reach.get(before) ?? 0, (reach.get(before) ?? 0) - before];
    while (x > Math.max(0, fromX) && y > Math.max(0, fromY) && a[x - 1] === b[y - 1]) {
      lines.push(same(a[--x] ?? ""));
      y--;
    }
    if (changes === 0) break;
    if (adds) lines.push(addition(b[--y] ?? ""));
    else lines.push(removal(a[--x] ?? ""));
  }
  return lines.reverse();
}
