import { type Command, InvalidArgumentError } from "commander";
import { formatDuration } from "../lib/quantities.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const TRACES = "/api/v3/traces";
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
/** Characters that the longest bar takes. */
const BAR_WIDTH = 40;
const MAX_INDENT = 12;
const TRACE_ID = /^[0-9a-f]{32}$/;

interface TraceRow {
  traceId: string;
  name: string;
  service: string;
  startedAt: string;
  duration: number;
  spanCount: number;
  errorCount: number;
}

interface SpanRow {
  depth: number;
  name: string;
  service: string;
  offset: number;
  duration: number;
  failed: boolean;
}

interface ListOptions extends ConnectionOptions {
  limit: number;
  service?: string;
  failed?: boolean;
}

/** `binnacle trace …`: what happened in which order. Works with the server stopped, too. */
export function addTraceCommand(program: Command): void {
  const trace = program
    .command("trace")
    .description("traces: what happened in which order, and how long it took");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(trace.command(usage).description(description));
  verb("list", "show traces, the newest first")
    .option("--service <name>", "only those that begin in this service")
    .option("--failed", "only those of which something failed")
    .option("--limit <number>", "how many", parseLimit, DEFAULT_LIMIT)
    .action((options: ListOptions) => list(options));
  addConnectionOptions(trace.command("show").description("show the steps of a trace, to scale"))
    .argument("<trace-id>", "its 32 hexadecimal digits, as trace list shows them", parseTraceId)
    .action((id: string, options: ConnectionOptions) => show(id, options));
}

function parseTraceId(text: string): string {
  const id = text.toLowerCase();
  if (TRACE_ID.test(id)) return id;
  throw new InvalidArgumentError("Give its 32 hexadecimal digits, as trace list shows them.");
}

async function list({ service, failed, limit, ...options }: ListOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const query = new URLSearchParams({ limit: String(limit) });
  if (service !== undefined) query.set("service", service);
  if (failed) query.set("failed", "true");
  const { items } = await withClient(options, "offline", (client) =>
    client.get<{ items: TraceRow[] }>(`${TRACES}?${query}`),
  );
  const terminal = new Terminal(options);
  const cellsOf = (row: TraceRow): string[] => [
    formatTime(row.startedAt),
    row.name,
    row.service,
    formatDuration(row.duration),
    String(row.spanCount),
    row.errorCount === 0 ? "0" : terminal.colours.red(String(row.errorCount)),
    row.traceId,
  ];
  const header = ["began", "name", "service", "took", "spans", "failed", "trace id"];
  terminal.show(items, () => terminal.table(header, items.map(cellsOf)));
}

async function show(id: string, options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const trace = await withClient(options, "offline", (client) =>
    client.get<TraceRow & { spans: SpanRow[] }>(`${TRACES}/${encodeURIComponent(id)}`),
  );
  const terminal = new Terminal(options);
  terminal.show(trace, () =>
    terminal.table(
      ["step", "service", "took", ""],
      trace.spans.map((span) => [
        `${"  ".repeat(Math.min(MAX_INDENT, span.depth))}${span.failed ? terminal.colours.red("!") : ""}${span.name}`,
        span.service,
        formatDuration(span.duration),
        barOf(span, trace.duration),
      ]),
    ),
  );
}

/** `      ▇▇▇▇▇▇`: where in the whole the step lies. */
function barOf({ offset, duration }: SpanRow, total: number): string {
  const share = (seconds: number): number =>
    total === 0 ? 0 : Math.max(0, Math.min(BAR_WIDTH, Math.round((seconds / total) * BAR_WIDTH)));
  const left = Math.min(BAR_WIDTH - 1, share(offset));
  return " ".repeat(left) + "▇".repeat(Math.max(1, Math.min(BAR_WIDTH - left, share(duration))));
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LIMIT}.`);
}
