import { type Command, InvalidArgumentError } from "commander";
import { addChannelVerbs } from "./alert-channels.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const ALERTS = "/api/v3/alerts";
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const DEFAULT_MUTE = "1h";
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

interface AlertRow {
  id: string;
  type: string;
  severity: string;
  state: string;
  message: string;
  occurrences: number;
  raisedAt: string;
}

interface ListOptions extends ConnectionOptions {
  limit: number;
  state?: string[];
  severity?: string;
  type?: string;
}

interface NoteOptions extends ConnectionOptions {
  note?: string;
}

/** `binnacle alert …`: what somebody should know, and saying that it is looked after. Works with the server stopped, too. */
export function addAlertCommand(program: Command): void {
  const alert = program.command("alert").description("alerts: what fires, raising and settling");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(alert.command(usage).description(description));
  verb("list", "show alerts, the newest first")
    .option("--state <state...>", "firing, acknowledged, muted, resolved")
    .option("--severity <severity>", "LOW, MEDIUM, HIGH or CRITICAL")
    .option("--type <type>", "only this type")
    .option("--limit <number>", "how many", parseLimit, DEFAULT_LIMIT)
    .action((options: ListOptions) => list(options));
  verb("trigger <type> <severity> <message>", "raise an alert").action(
    (type: string, severity: string, message: string, options: ConnectionOptions) =>
      trigger({ alertType: type, severity, message }, options),
  );
  const settling = (usage: string, description: string, part: string, outcome: string): void => {
    verb(usage, description)
      .option("--note <text>", "what to remember of it")
      .action((id: string, { note = "", ...options }: NoteOptions) =>
        put(id, part, { note }, options, outcome),
      );
  };
  settling("ack <id>", "say that you look after it", "acknowledgement", "is acknowledged");
  settling("resolve <id>", "say that it is over", "resolution", "is resolved");
  verb("mute <id>", "tell nobody of it for a while")
    .option("--for <time>", "how long: 90s, 30m, 8h, 2d", parseSeconds, parseSeconds(DEFAULT_MUTE))
    .option("--note <text>", "what to remember of it")
    .action((id: string, { for: seconds, note = "", ...options }: NoteOptions & { for: number }) =>
      put(id, "mute", { seconds, note }, options, "is muted"),
    );
  addChannelVerbs(verb);
}

async function list({ limit, state = [], severity, type, ...options }: ListOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const query = new URLSearchParams(state.map((one) => ["state", one]));
  if (severity !== undefined) query.set("severity", severity);
  if (type !== undefined) query.set("type", type);
  const items = await withClient(options, "offline", async (client) => {
    const rows: AlertRow[] = [];
    for await (const row of client.list<AlertRow>(`${ALERTS}/recent?${query}`)) {
      rows.push(row);
      if (rows.length >= limit) break;
    }
    return rows;
  });
  const terminal = new Terminal(options);
  terminal.show(items, () =>
    terminal.table(["id", "raised", "severity", "state", "type", "message"], items.map(cellsOf)),
  );
}

const cellsOf = ({ id, raisedAt, severity, state, type, message, occurrences }: AlertRow): string[] => [
  id,
  formatTime(raisedAt),
  severity,
  state,
  type,
  occurrences > 1 ? `${message} (${occurrences} times)` : message,
];

async function trigger(body: object, options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const triggered = await withClient(options, "offline", (client) =>
    client.send<{ alertId: string; isNew: boolean }>("POST", `${ALERTS}/trigger`, body),
  );
  new Terminal(options).show(
    triggered,
    () =>
      `${triggered.alertId} ${triggered.isNew ? "was raised" : "was there already and counts once more"}.`,
  );
}

async function put(
  id: string,
  part: string,
  body: object,
  options: ConnectionOptions,
  outcome: string,
): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const alert = await withClient(options, "offline", (client) =>
    client.send<AlertRow>("PUT", `${ALERTS}/${encodeURIComponent(id)}/${part}`, body),
  );
  new Terminal(options).show(alert, () => `${id} ${outcome}.`);
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LIMIT}.`);
}

function parseSeconds(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit ?? ""] ?? Number.NaN);
  if (Number.isFinite(seconds)) return seconds;
  throw new InvalidArgumentError("Give a time such as 90s, 30m, 8h or 2d.");
}
