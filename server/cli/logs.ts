import { type Command, InvalidArgumentError, Option } from "commander";
import { LOG_LEVELS, type LogLevel } from "../../schema/rules/log-levels.ts";
import type { ApiClient } from "./api-client.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { Terminal } from "./terminal.ts";

const RECENT = "/api/v3/logger/recent-logs";
const DEFAULT_LINES = 50;
const MAX_LINES = 10_000;
const PAGE_SIZE = 500;
/** How often `--follow` asks for what is new; a line is on the screen within it. */
const FOLLOW_INTERVAL_MS = 1_000;

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

interface TailOptions extends ConnectionOptions {
  follow?: boolean;
  level?: LogLevel;
  source?: string[];
  grep?: string;
  since?: string;
  lines: number;
}

/** `binnacle logs tail`. */
export function addLogsCommand(program: Command): void {
  const logs = program.command("logs").description("log lines of this server and of applications");
  addConnectionOptions(logs.command("tail").description("show the newest log lines, the latest last"))
    .option("-f, --follow", "go on with lines as they come in, until Ctrl-C")
    .addOption(new Option("--level <level>", "only lines at least as severe").choices(LOG_LEVELS))
    .option("--source <name...>", "only lines of these")
    .option("--grep <search>", 'words, begin*, "phrases", -without, field=value')
    .option("--since <time>", "only lines since then: -15m, or ISO 8601")
    .option("-n, --lines <number>", "how many to begin with", parseLines, DEFAULT_LINES)
    .action((options: TailOptions) => tail(options));
}

/** One line a line; with `--json` one document a line. */
async function tail(options: TailOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const terminal = new Terminal(options);
  const show = (lines: readonly Line[]): void => {
    for (const line of lines) console.log(terminal.isJson ? JSON.stringify(line) : drawn(terminal, line));
  };
  await withClient(options, options.follow ? "running" : "offline", async (client) => {
    const newest = await newestLines(client, queryOf(options), options.lines, 0);
    show(newest);
    let seen = newest.at(-1)?.id ?? 0;
    while (options.follow) {
      await Bun.sleep(FOLLOW_INTERVAL_MS);
      const lines = await newestLines(client, queryOf({ ...options, since: "-1d" }), MAX_LINES, seen);
      show(lines);
      seen = lines.at(-1)?.id ?? seen;
    }
  });
}

/** Up to `most` lines after the one of number `after`, oldest first. */
async function newestLines(
  client: ApiClient,
  query: URLSearchParams,
  most: number,
  after: number,
): Promise<Line[]> {
  const lines: Line[] = [];
  let cursor: string | null = null;
  do {
    query.set("limit", String(Math.min(PAGE_SIZE, most - lines.length)));
    if (cursor !== null) query.set("cursor", cursor);
    const page: LinePage = await client.get<LinePage>(`${RECENT}?${query}`);
    const fresh = page.items.filter(({ id }) => id > after);
    lines.push(...fresh);
    cursor = fresh.length < page.items.length ? null : page.nextCursor;
  } while (cursor !== null && lines.length < most);
  return lines.reverse();
}

function queryOf({ level, source = [], grep, since }: TailOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (level !== undefined) query.set("level", LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)).join(","));
  if (source.length > 0) query.set("source", source.join(","));
  if (grep !== undefined) query.set("text", grep);
  if (since !== undefined) query.set("from", since);
  return query;
}

function drawn(terminal: Terminal, { at, level, source, message, fields }: Line): string {
  const { colours } = terminal;
  const paint = { debug: colours.dim, info: String, warning: colours.yellow, error: colours.red }[level];
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const facts = rest.length === 0 ? [] : [colours.dim(rest.join(" "))];
  return terminal.line([at, paint(level.padEnd(7)), source, message, ...facts]);
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines >= 1 && lines <= MAX_LINES) return lines;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LINES}.`);
}
