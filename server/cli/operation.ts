import { type Command, InvalidArgumentError, Option } from "commander";
import {
  OPERATION_KIND_NAMES,
  STATISTICS_ORDERS,
  STATISTICS_WINDOWS,
} from "../../schema/rules/operations.ts";
import { formatDuration, formatValue } from "../lib/quantities.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const PROFILER = "/api/v3/profiler";
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;

interface StatisticsRow {
  operation: string;
  kind: string;
  service: string;
  callCount: number;
  errorCount: number;
  throughput: number;
  p50Duration: number;
  p95Duration: number;
  p99Duration: number;
  lastSeenAt: string;
}

interface SlowRow {
  operation: string;
  kind: string;
  service: string;
  duration: number;
  failed: boolean;
  at: string;
  correlationId: string | null;
  traceId: string | null;
}

interface SuggestionRow {
  kind: string;
  subject: string;
  finding: string;
  action: string;
}

interface ListOptions extends ConnectionOptions {
  window: string;
  sort: string;
  limit: number;
  kind?: string;
  text?: string;
}

interface SlowOptions extends ConnectionOptions {
  limit: number;
  threshold?: number;
  kind?: string;
}

/** `binnacle operation …`: how long everything takes. Works with the server stopped, too. */
export function addOperationCommand(program: Command): void {
  const operation = program
    .command("operation")
    .alias("operations")
    .description("operations: how long they take, which were slow, what could be better");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(operation.command(usage).description(description));
  const kind = () => new Option("--kind <kind>", "only this kind").choices(OPERATION_KIND_NAMES);
  verb("list", "show how operations went")
    .addOption(new Option("--window <time>", "how far back").choices(STATISTICS_WINDOWS).default("24h"))
    .addOption(new Option("--sort <order>", "the largest first").choices(STATISTICS_ORDERS).default("total"))
    .addOption(kind())
    .option("--text <words>", "within the name or the service")
    .option("--limit <number>", "how many", parseLimit, DEFAULT_LIMIT)
    .action((options: ListOptions) => list(options));
  verb("slow", "show the slowest of the runs that took too long")
    .option("--threshold <seconds>", "that took at least so long", parseSeconds)
    .addOption(kind())
    .option("--limit <number>", "how many", parseLimit, DEFAULT_LIMIT)
    .action((options: SlowOptions) => slow(options));
  verb("suggestions", "show what could be better, and what shows it").action((options: ConnectionOptions) =>
    suggestions(options),
  );
}

/** The items of one page. */
async function itemsOf<Row>(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
  options: ConnectionOptions,
): Promise<Row[]> {
  const { withClient } = await import("./connect.ts");
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const { items } = await withClient(options, "offline", (client) =>
    client.get<{ items: Row[] }>(`${PROFILER}/${path}?${new URLSearchParams(given)}`),
  );
  return items;
}

async function list({ window, sort, kind, text, limit, ...options }: ListOptions): Promise<void> {
  const rows = await itemsOf<StatisticsRow>("stats", { window, sort, kind, text, limit }, options);
  const terminal = new Terminal(options);
  const header = [
    "operation",
    "kind",
    "service",
    "calls",
    "rate",
    "errors",
    "p50",
    "p95",
    "p99",
    "last seen",
  ];
  terminal.show(rows, () =>
    terminal.table(
      header,
      rows.map((row) => [
        row.operation,
        row.kind,
        row.service,
        String(row.callCount),
        formatValue(row.throughput, "per_second"),
        row.errorCount === 0 ? "0" : terminal.colours.red(String(row.errorCount)),
        formatDuration(row.p50Duration),
        formatDuration(row.p95Duration),
        formatDuration(row.p99Duration),
        formatTime(row.lastSeenAt),
      ]),
    ),
  );
}

async function slow({ threshold, kind, limit, ...options }: SlowOptions): Promise<void> {
  const rows = await itemsOf<SlowRow>("slow-operations", { threshold, kind, limit }, options);
  const terminal = new Terminal(options);
  const cellsOf = (row: SlowRow): string[] => [
    formatDuration(row.duration),
    row.operation,
    row.service,
    row.failed ? terminal.colours.red("failed") : "done",
    formatTime(row.at),
    row.correlationId ?? "–",
    row.traceId ?? "–",
  ];
  const header = ["took", "operation", "service", "outcome", "at", "correlation", "trace"];
  terminal.show(rows, () => terminal.table(header, rows.map(cellsOf)));
}

async function suggestions(options: ConnectionOptions): Promise<void> {
  const rows = await itemsOf<SuggestionRow>("suggestions", {}, options);
  const terminal = new Terminal(options);
  terminal.show(rows, () =>
    rows.length === 0
      ? "Nothing to suggest."
      : terminal.table(
          ["about", "finding", "what to do"],
          rows.map(({ subject, finding, action }) => [subject, finding, action]),
        ),
  );
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LIMIT}.`);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new InvalidArgumentError("Give a number of seconds, such as 0.5.");
}
