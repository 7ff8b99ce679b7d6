import { type Command, InvalidArgumentError, Option } from "commander";
import { CommandFailure } from "./failure.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const AUDIT = "/api/v3/audit";
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;
const FILTERS = ["actor", "action", "target", "outcome", "from", "to", "text"] as const;

interface AuditEntry {
  seq: number;
  at: string;
  actor: string;
  action: string;
  target: string;
  outcome: "ok" | "denied";
  count: number;
  address: string;
}

interface ChainState {
  state: "intact" | "broken" | "unverified";
  rows: number;
  verifiedRows: number;
  lastSeq: number | null;
  lastMac: string | null;
  removedThrough: number | null;
  damage: { seq: number; reason: string } | null;
}

type FilterOptions = ConnectionOptions & Partial<Record<(typeof FILTERS)[number], string>>;

/** `binnacle audit …`: who did what. Works with the server stopped, too. */
export function addAuditCommand(program: Command): void {
  const audit = program.command("audit").description("who did what");
  addFilters(addConnectionOptions(audit.command("list").description("search the audit log, newest first")))
    .option("--limit <n>", "most rows", parseLimit, DEFAULT_LIMIT)
    .action((options: FilterOptions & { limit: number }) => list(options));
  addFilters(addConnectionOptions(audit.command("export").description("write the audit log, oldest first")))
    .addOption(new Option("--format <format>", "ndjson or csv").choices(["ndjson", "csv"]).default("ndjson"))
    .option("--output <file>", "file to write, in place of standard output")
    .action((options: FilterOptions & { format: string; output?: string }) => exportRows(options));
  addConnectionOptions(audit.command("verify").description("verify the whole chain")).action(
    (options: ConnectionOptions) => verify(options),
  );
}

function addFilters(command: Command): Command {
  return command
    .option("--actor <name>", "exactly this actor")
    .option("--action <action>", "exactly this action, or a noun for all of its actions")
    .option("--target <target>", "exactly this target")
    .addOption(new Option("--outcome <outcome>", "how it went").choices(["ok", "denied"]))
    .option("--from <time>", "not before, ISO 8601")
    .option("--to <time>", "before, ISO 8601")
    .option("--text <text>", "anywhere in the row");
}

async function list(options: FilterOptions & { limit: number }): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const query = queryOf(options);
  const rows = await withClient(options, "offline", async (client) => {
    const found: AuditEntry[] = [];
    for await (const row of client.list<AuditEntry>(`${AUDIT}?${query}`)) {
      found.push(row);
      if (found.length === options.limit) break;
    }
    return found;
  });
  const terminal = new Terminal(options);
  terminal.show(rows, () => {
    if (rows.length === 0) return "No row fits.";
    const { red } = terminal.colours;
    const cells = rows.map((row) => [
      String(row.seq),
      formatTime(row.at),
      row.actor,
      row.action,
      row.target,
      row.outcome === "denied" ? red("denied") : "ok",
      row.count === 1 ? "" : `×${row.count}`,
      row.address,
    ]);
    return terminal.table(["row", "at", "actor", "action", "target", "outcome", "", "from"], cells);
  });
}

async function exportRows(options: FilterOptions & { format: string; output?: string }): Promise<void> {
  const [{ withClient }, { writeStream }] = await Promise.all([
    import("./connect.ts"),
    import("./stream-output.ts"),
  ]);
  const query = queryOf(options);
  query.set("format", options.format);
  await withClient(options, "offline", async (client) => {
    await writeStream(await client.stream(`${AUDIT}/export?${query}`), options.output);
  });
}

async function verify(options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const chain = await withClient(options, "offline", (client) =>
    client.send<ChainState>("POST", `${AUDIT}/verifications`),
  );
  new Terminal(options).show(chain, () => sentenceOf(chain));
  if (chain.damage) throw new CommandFailure();
}

function sentenceOf({ damage, verifiedRows, removedThrough, lastSeq, lastMac }: ChainState): string {
  if (damage) return `The chain is broken at row ${damage.seq}: ${damage.reason}.`;
  const removed =
    removedThrough === null ? "" : ` Rows up to ${removedThrough} were removed and are signed for.`;
  return `The chain of ${verifiedRows} rows holds.${removed}\nIt ends at row ${lastSeq ?? 0}, ${lastMac ?? "empty"}.`;
}

function queryOf(options: FilterOptions): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  return query;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LIMIT}.`);
}
