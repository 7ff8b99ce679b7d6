import { type Command, InvalidArgumentError } from "commander";
import type { ApiClient } from "./api-client.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, jsonText, Terminal } from "./terminal.ts";

const EVENTS = "/api/v3/events";
const BUS = "/api/v3/event-bus";
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const PAGE_SIZE = 100;
/** How often `tail` asks for what is new; an event is on the screen within it. */
const TAIL_INTERVAL_MS = 1_000;

interface EventRow {
  seq: number;
  type: string;
  time: string;
  source: string;
  payload: unknown;
}

interface EventPage {
  items: EventRow[];
  nextCursor: string | null;
}

interface FilterOptions extends ConnectionOptions {
  types?: string[];
  source?: string;
  correlation?: string;
}

interface ListOptions extends FilterOptions {
  limit: number;
}

interface TailOptions extends FilterOptions {
  since?: number;
}

interface PublishOptions extends ConnectionOptions {
  payload?: unknown;
  source?: string;
}

/** `binnacle event …`: what happened, as it happens, and what applications say. */
export function addEventCommand(program: Command): void {
  const event = program.command("event").description("events: what happened, and telling what did");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(event.command(usage).description(description));
  const filtered = (command: Command): Command =>
    command
      .option("--types <pattern...>", "only these: alert.raised, alert.*, alert.**")
      .option("--source <name>", "only what this one said")
      .option("--correlation <id>", "only what belongs to this request");
  filtered(verb("list", "show recent events, the newest first"))
    .option("--limit <number>", "how many", parseLimit, DEFAULT_LIMIT)
    .action((options: ListOptions) => list(options));
  verb("publish <type>", "publish an event of an application, such as download_complete")
    .option("--payload <json>", "what it carries", parsePayload)
    .option("--source <name>", "who speaks; app/ is put before it")
    .action((type: string, options: PublishOptions) => publish(type, options));
  filtered(verb("tail", "show events as they happen, until Ctrl-C"))
    .option("--since <number>", "first those after this number", parseSeq)
    .action((options: TailOptions) => tail(options));
}

async function list(options: ListOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const items = await withClient(options, "offline", (client) => newest(client, options));
  const terminal = new Terminal(options);
  terminal.show(items, () => terminal.table(["at", "type", "source", "payload"], items.map(cellsOf)));
}

async function newest(client: ApiClient, options: ListOptions): Promise<EventRow[]> {
  const items: EventRow[] = [];
  for await (const item of client.list<EventRow>(`${EVENTS}?${queryOf(options)}`)) {
    items.push(item);
    if (items.length >= options.limit) break;
  }
  return items;
}

async function publish(type: string, { payload = null, source, ...options }: PublishOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const event = { type, payload, ...(source === undefined ? {} : { source }) };
  const { items } = await withClient(options, "offline", (client) =>
    client.send<{ items: EventRow[] }>("POST", EVENTS, { events: [event] }),
  );
  const [published] = items;
  new Terminal(options).show(published, () => `Published ${type} as number ${published?.seq ?? "?"}.`);
}

/** One line an event, from now on; with `--json` one document a line. */
async function tail(options: TailOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const terminal = new Terminal(options);
  await withClient(options, "running", async (client) => {
    let since = options.since ?? (await newestSeq(client));
    for (;;) {
      const events = await after(client, options, since);
      for (const event of events) {
        since = event.seq;
        console.log(terminal.isJson ? jsonText(event) : terminal.line(cellsOf(event)));
      }
      if (events.length < PAGE_SIZE) await Bun.sleep(TAIL_INTERVAL_MS);
    }
  });
}

const newestSeq = async (client: ApiClient): Promise<number> =>
  (await client.get<{ ring: { newestSeq: number } }>(BUS)).ring.newestSeq;

async function after(client: ApiClient, options: FilterOptions, since: number): Promise<EventRow[]> {
  const query = queryOf(options);
  query.set("since", String(since));
  query.set("limit", String(PAGE_SIZE));
  return (await client.get<EventPage>(`${EVENTS}?${query}`)).items;
}

function queryOf({ types = [], source, correlation }: FilterOptions): URLSearchParams {
  const query = new URLSearchParams();
  if (types.length > 0) query.set("types", types.join(","));
  if (source !== undefined) query.set("source", source);
  if (correlation !== undefined) query.set("correlationId", correlation);
  return query;
}

const cellsOf = ({ time, type, source, payload }: EventRow): string[] => [
  formatTime(time),
  type,
  source,
  JSON.stringify(payload),
];

function parsePayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`It is not JSON; a text is written with quotes: '"done"'.`);
  }
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LIMIT}.`);
}

function parseSeq(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give the number of the last event that was seen.");
}
