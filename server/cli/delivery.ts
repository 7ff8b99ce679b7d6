import type { Command } from "commander";
import { addDeadLetterVerbs } from "./dead-letters.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const OUTBOX = "/api/v3/outbox";
/** A person reads no more; filters find the rest. */
const MAX_SHOWN = 500;

interface DeliveryRow {
  id: string;
  kind: string;
  target: string;
  targetName: string | null;
  state: string;
  attempts: number;
  createdAt: string;
  lastError: string | null;
}

interface ListOptions extends ConnectionOptions {
  state?: string;
  kind?: string;
  target?: string;
}

/** `binnacle delivery …`: what is delivered outside, and what could not be. Works with the server stopped, too. */
export function addDeliveryCommand(program: Command): void {
  const delivery = program
    .command("delivery")
    .description("deliveries: what waits, what could not be delivered");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(delivery.command(usage).description(description));
  verb("list", "show deliveries, the newest first")
    .option("--state <state>", "waiting, leased, delivered or dead")
    .option("--kind <kind>", "only this kind, such as webhook")
    .option("--target <target>", "only what goes there")
    .action((options: ListOptions) => list(options));
  addDeadLetterVerbs(verb, "delivery", OUTBOX);
}

async function list({ state, kind, target, ...options }: ListOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const given = Object.entries({ state, kind, target }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const items = await withClient(options, "offline", async (client) => {
    const rows: DeliveryRow[] = [];
    for await (const row of client.list<DeliveryRow>(`${OUTBOX}?${new URLSearchParams(given)}`)) {
      rows.push(row);
      if (rows.length >= MAX_SHOWN) break;
    }
    return rows;
  });
  const terminal = new Terminal(options);
  terminal.show(items, () => {
    const rows = items.map((row) => [
      row.id,
      formatTime(row.createdAt),
      row.state,
      row.kind,
      row.targetName ?? row.target,
      String(row.attempts),
      row.lastError ?? "",
    ]);
    return terminal.table(["id", "at", "state", "kind", "target", "attempts", "last error"], rows);
  });
}
