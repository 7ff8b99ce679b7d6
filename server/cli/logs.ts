import { type Command, InvalidArgumentError, Option } from "commander";
import { LOG_LEVELS, type LogLevel } from "../../schema/rules/log-levels.ts";
import type { ApiClient } from "./api-client.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { jsonText, Terminal } from "./terminal.ts";

const RECENT = "/api/v3/logger/recent-logs";
const LIVE = "/api/v3/ws/logs";
const DEFAULT_LINES = 50;
const MAX_LINES = 10_000;
const PAGE_SIZE = 500;
/** Pages may be short when looking for more took long; so many are asked for. */
const MAX_PAGES = 1_000;

interface Line {
  id: number;
  at: string;
  level: LogLevel;
  source: string;
  message: string;
  fields: Record<string, unknown>;
}

interface LinePage {
  items: Line[];
  nextCursor: string | null;
}

/** What the live socket sends. */
type LiveFrame = { type: "line"; line: Line } | { type: "dropped"; count: number };

interface FilterOptions extends ConnectionOptions {
  level?: LogLevel;
  source?: string[];
  since?: string;
  until?: string;
  lines: number;
}

interface TailOptions extends FilterOptions {
  follow?: boolean;
  grep?: string;
}

/** `binnacle logs tail|search`. */
export function addLogsCommand(program: Command): void {
  const logs = program.command("logs").description("log lines of this server and of applications");
  addFilterOptions(logs.command("tail").description("show the newest log lines, the latest last"))
    .option("-f, --follow", "go on with lines as they come in, until Ctrl-C")
    .option("--grep <search>", 'words, begin*, "phrases", -without, field=value')
    .action((options: TailOptions) => tail(options));
  addFilterOptions(
    logs
      .command("search <search...>")
      .description('show lines with words, begin*, "phrases", -without, field=value; the latest last'),
  )
    .option("--until <time>", "only lines until then")
    .action((words: string[], options: FilterOptions) => search(words, options));
}

const addFilterOptions = (command: Command): Command =>
  addConnectionOptions(command)
    .addOption(new Option("--level <level>", "only lines at least as severe").choices(LOG_LEVELS))
    .option("--source <name...>", "only lines of these")
    .option("--since <time>", "only lines since then: -15m, or ISO 8601")
    .option("-n, --lines <number>", "how many at most to begin with", parseLines, DEFAULT_LINES);

async function search(words: readonly string[], options: FilterOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const show = printer(options);
  await withClient(options, "offline", async (client) => {
    show(await newestLines(client, withRange(filterOf(options, words.join(" ")), options), options.lines));
  });
}

/** One line a line; with `--json` one document a line. */
async function tail(options: TailOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const show = printer(options);
  await withClient(options, options.follow ? "running" : "offline", async (client) => {
    const filter = filterOf(options, options.grep);
    const query = withRange(filter, options);
    if (!options.follow) return show(await newestLines(client, query, options.lines));
    // Whoever asks wrongly is told why by the list; a refused socket says nothing.
    await newestLines(client, query, 1);
    await using live = await client.live<LiveFrame>(`${LIVE}?${filter}`);
    const newest = await newestLines(client, query, options.lines);
    show(newest);
    await follow(live, newest.at(-1)?.id ?? 0, show);
  });
}

/** Lines after the one of number `seen`: those before came with the list. */
async function follow(
  live: AsyncIterable<LiveFrame>,
  seen: number,
  show: (lines: readonly Line[]) => void,
): Promise<void> {
  for await (const frame of live) {
    if (frame.type === "dropped") console.error(`${frame.count} lines were left out: they came too fast.`);
    else if (frame.line.id > seen) show([frame.line]);
  }
}

/** Up to `most` of the newest lines, oldest first. */
async function newestLines(client: ApiClient, query: URLSearchParams, most: number): Promise<Line[]> {
  const lines: Line[] = [];
  const asked = new URLSearchParams(query);
  for (let page = 0; page < MAX_PAGES && lines.length < most; page++) {
    asked.set("limit", String(Math.min(PAGE_SIZE, most - lines.length)));
    const { items, nextCursor } = await client.get<LinePage>(`${RECENT}?${asked}`);
    lines.push(...items);
    if (nextCursor === null) break;
    asked.set("cursor", nextCursor);
  }
  return lines.reverse();
}

/** The filter as list and socket take it. */
function filterOf({ level, source = [] }: FilterOptions, text: string | undefined): URLSearchParams {
  const query = new URLSearchParams();
  if (level !== undefined) query.set("level", LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)).join(","));
  if (source.length > 0) query.set("source", source.join(","));
  if (text !== undefined) query.set("text", text);
  return query;
}

/** The filter with its range of time, which only the list knows. */
function withRange(filter: URLSearchParams, { since, until }: FilterOptions): URLSearchParams {
  const query = new URLSearchParams(filter);
  if (since !== undefined) query.set("from", since);
  if (until !== undefined) query.set("to", until);
  return query;
}

function printer(options: { json?: boolean | undefined }): (lines: readonly Line[]) => void {
  const terminal = new Terminal(options);
  return (lines) => {
    for (const line of lines) console.log(terminal.isJson ? jsonText(line) : drawn(terminal, line));
  };
}

/** A line with its fields; what a stack trace has beyond its first line stands below. */
function drawn(terminal: Terminal, { at, level, source, message, fields }: Line): string {
  const { colours } = terminal;
  const paint = { debug: colours.dim, info: String, warning: colours.yellow, error: colours.red }[level];
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const facts = rest.length === 0 ? [] : [colours.dim(rest.join(" "))];
  const [first = "", ...below] = message.split("\n");
  const cells = [at, paint(level.padEnd(7)), source, first, ...facts];
  return [terminal.line(cells), ...below.map((text) => terminal.line(["", text]))].join("\n");
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines >= 1 && lines <= MAX_LINES) return lines;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LINES}.`);
}
