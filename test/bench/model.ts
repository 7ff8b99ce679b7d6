/** One figure that a benchmark measured. */
export interface Figure {
  /** What was measured, such as `boot to healthy`. */
  name: string;
  value: number;
  unit: string;
  /** What the project wants of it; without one it is there for comparison (a raw limit). */
  goal?: { atMost: number } | { atLeast: number };
  /** How it was measured, or what it is compared with, in a few words. */
  note?: string;
}

/** One file `<name>.bench.ts` exports one as its default. It writes nothing outside a temporary folder. */
export interface Benchmark {
  name: string;
  run(): Promise<Figure[]>;
}

/** Whether a figure reaches its goal; undefined without one. */
export function reachesGoal({ value, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** The middle of the values, the mean of the two middle ones when they are even in number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
