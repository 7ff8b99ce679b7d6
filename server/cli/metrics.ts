import { type Command, InvalidArgumentError, Option } from "commander";
import { formatValue } from "../lib/quantities.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { Terminal } from "./terminal.ts";

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 1;
const MAX_HOURS = 24 * 365 * 10;
/** As many as one query of the API takes. */
const MAX_SERIES = 20;
const SPARK_POINTS = 40;
const SPARKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** What a person asks first. */
const DEFAULT_SERIES = [
  'cpu_usage_percent{mode="total"}',
  'load_average{period="1m"}',
  "memory_used_percent",
  "swap_used_percent",
  "file_descriptors_open",
  'processes_count{state="total"}',
];

/** One series of `/api/v3/metrics/query`; null is a gap. */
interface SeriesAnswer {
  key: string;
  unit: string;
  min: (number | null)[];
  max: (number | null)[];
  avg: (number | null)[];
  last: number | null;
}

interface ShowOptions extends ConnectionOptions {
  hours: number;
}

interface ExportOptions extends ConnectionOptions {
  format: string;
  series?: string[];
  from?: string;
  to?: string;
  hours: number;
  resolution?: string;
  output?: string;
}

/** `binnacle metrics show|export`. */
export function addMetricsCommand(program: Command): void {
  const metrics = program.command("metrics").description("what was measured");
  const hours = () => new Option("--hours <n>", "how far back").argParser(parseHours).default(DEFAULT_HOURS);
  addConnectionOptions(
    metrics
      .command("show [series...]")
      .description(`summarise series (at most ${MAX_SERIES}); the main ones unless named`),
  )
    .addOption(hours())
    .action((series: string[], options: ShowOptions) => show(series, options));
  addConnectionOptions(metrics.command("export").description("write samples as CSV or JSON"))
    .addOption(new Option("--format <format>", "csv or json").choices(["csv", "json"]).default("csv"))
    .option("--series <key...>", "series to export; all unless named")
    .addOption(hours())
    .option("--from <time>", "start, ISO 8601; in place of --hours", parseTime)
    .option("--to <time>", "end, ISO 8601 (default now)", parseTime)
    .addOption(new Option("--resolution <step>", "raw, 1m or 1h").choices(["raw", "1m", "1h"]))
    .option("--output <file>", "file to write, in place of standard output")
    .action((options: ExportOptions) => exportSamples(options));
}

async function show(series: string[], options: ShowOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const keys = series.length > 0 ? series : DEFAULT_SERIES;
  const to = Date.now();
  const query = new URLSearchParams({
    from: String(to - options.hours * HOUR_MS),
    to: String(to),
    points: String(SPARK_POINTS),
  });
  for (const key of keys) query.append("series", key);
  const answer = await withClient(options, "running", (client) =>
    client.get<{ series: SeriesAnswer[] }>(`/api/v3/metrics/query?${query}`),
  );
  const terminal = new Terminal(options);
  terminal.show(answer, () => {
    const rows = answer.series.map((one) => {
      const cell = (value: number | null): string => formatValue(value, one.unit);
      return [
        one.key,
        cell(one.last),
        cell(least(one.min)),
        cell(mean(one.avg)),
        cell(greatest(one.max)),
        spark(one.avg),
      ];
    });
    return terminal.table(["series", "last", "min", "avg", "max", `last ${options.hours} h`], rows);
  });
}

async function exportSamples(options: ExportOptions): Promise<void> {
  const [{ withClient }, { writeStream }] = await Promise.all([
    import("./connect.ts"),
    import("./stream-output.ts"),
  ]);
  const to = options.to === undefined ? Date.now() : Date.parse(options.to);
  const from = options.from === undefined ? to - options.hours * HOUR_MS : Date.parse(options.from);
  const query = new URLSearchParams({ format: options.format, from: String(from), to: String(to) });
  if (options.resolution !== undefined) query.set("resolution", options.resolution);
  for (const key of options.series ?? []) query.append("series", key);
  await withClient(options, "running", async (client) => {
    const body = await client.stream(`/api/metrics/export?${query}`);
    await writeStream(body, options.output);
  });
}

const values = (points: readonly (number | null)[]): number[] => points.filter((point) => point !== null);
const least = (points: readonly (number | null)[]): number | null =>
  values(points).length ? Math.min(...values(points)) : null;
const greatest = (points: readonly (number | null)[]): number | null =>
  values(points).length ? Math.max(...values(points)) : null;

function mean(points: readonly (number | null)[]): number | null {
  const known = values(points);
  return known.length === 0 ? null : known.reduce((sum, point) => sum + point, 0) / known.length;
}

/** A line of bars between the least and the greatest value; a gap is a blank. */
function spark(points: readonly (number | null)[]): string {
  const low = least(points) ?? 0;
  const span = (greatest(points) ?? 0) - low || 1;
  return points
    .map((point) =>
      point === null
        ? " "
        : SPARKS[Math.min(SPARKS.length - 1, Math.floor(((point - low) / span) * SPARKS.length))],
    )
    .join("");
}

function parseHours(text: string): number {
  const hours = Number(text);
  if (hours > 0 && hours <= MAX_HOURS) return hours;
  throw new InvalidArgumentError(`Give a number of hours up to ${MAX_HOURS}.`);
}

function parseTime(text: string): string {
  if (Number.isFinite(Date.parse(text))) return text;
  throw new InvalidArgumentError("Give a time such as 2030-01-31T13:45:00Z.");
}
