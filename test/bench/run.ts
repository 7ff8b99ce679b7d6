import { cpus } from "node:os";
import { join } from "node:path";
import { endShared } from "../support/at-end.ts";
import { type Benchmark, type Figure, reachesGoal } from "./model.ts";

/**
 * `bun run bench [filter…]`: runs every test/bench/*.bench.ts (or those whose name holds a filter) and prints a table of
 * figures, goals and whether they are reached. Writes nothing. Absolute figures hold for this machine; ratios compare
 * within one run. Exits with 1 when a goal is missed.
 */
const filters = process.argv.slice(2);
const HEADER = ["figure", "value", "goal", "", "note"] as const;
const MARKS = new Map<boolean | undefined, string>([
  [true, "reached"],
  [false, "MISSED"],
  [undefined, ""],
]);

const files = [...new Bun.Glob("*.bench.ts").scanSync({ cwd: import.meta.dirname })]
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort();
if (files.length === 0) {
  console.error(`No benchmark matches ${filters.join(", ")}.`);
  process.exit(2);
}

console.log(`$ bun run bench ${filters.join(" ")}`.trimEnd());
console.log(
  `Bun ${Bun.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}\n`,
);
let missed = 0;
for (const file of files) {
  const { default: benchmark }: { default: Benchmark } = await import(join(import.meta.dirname, file));
  const figures = await benchmark.run();
  missed += figures.filter((figure) => reachesGoal(figure) === false).length;
  console.log(`${benchmark.name}\n${table([HEADER, ...figures.map(cells)])}\n`);
}
await endShared();
console.log(missed === 0 ? "Every goal is reached." : `${missed} ${missed === 1 ? "goal" : "goals"} missed.`);
process.exitCode = missed === 0 ? 0 : 1;

function cells(figure: Figure): string[] {
  const { name, value, unit, goal, note = "" } = figure;
  const wanted = goal === undefined ? "" : "atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return [
    name,
    `${rounded(value)} ${unit}`,
    wanted && `${wanted} ${unit}`,
    MARKS.get(reachesGoal(figure)) ?? "",
    note,
  ];
}

/** Three digits say all that a run can. */
function rounded(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.001))));
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))),
  );
  const pad = (cell: string, column: number) =>
    cell + " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell));
  return rows.map((row) => `  ${row.map(pad).join("  ").trimEnd()}`).join("\n");
}
