import type { ApiClient } from "./api-client.ts";
import { type AddVerb, addDeadLetterVerbs } from "./dead-letters.ts";
import type { ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const CHANNELS = "/api/v3/notification-channels";
const NOTIFICATIONS = "/api/v3/notifications";
/** A person reads no more; filters find the rest. */
const MAX_SHOWN = 500;

interface ChannelRow {
  id: string;
  name: string;
  plugin: string;
  enabled: boolean;
}

interface StatusRow {
  channelId: string;
  state: string;
  waiting: number;
  failures: number;
}

interface NotificationRow {
  id: string;
  channelId: string;
  channelName: string | null;
  state: string;
  title: string;
  attempts: number;
  createdAt: string;
  lastError: string | null;
}

interface MessagesOptions extends ConnectionOptions {
  state?: string;
  channel?: string;
}

/** `binnacle alert channels|test-channel|messages|retry|discard`: who is told, and what could not be told. */
export function addChannelVerbs(verb: AddVerb): void {
  verb("channels", "show channels and how delivery to them fares").action((options: ConnectionOptions) =>
    listChannels(options),
  );
  verb(
    "test-channel <channel>",
    "send a test by a channel, by id or name; the server must be running",
  ).action((channel: string, options: ConnectionOptions) => testChannel(channel, options));
  verb("messages", "show messages to channels, the newest first")
    .option("--state <state>", "waiting, leased, delivered or dead")
    .option("--channel <channel>", "only by this channel, by id or name")
    .action((options: MessagesOptions) => listMessages(options));
  addDeadLetterVerbs(verb, "message", NOTIFICATIONS);
}

async function listChannels(options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const items = await withClient(options, "offline", async (client) => {
    const channels = await client.get<{ items: ChannelRow[] }>(CHANNELS);
    const statuses = await client.get<{ items: StatusRow[] }>(`${CHANNELS}/status`);
    return channels.items.map((channel) => ({
      ...channel,
      ...statuses.items.find(({ channelId }) => channelId === channel.id),
    }));
  });
  const terminal = new Terminal(options);
  terminal.show(items, () => {
    const rows = items.map(({ id, name, plugin, enabled, state = "active", waiting = 0, failures = 0 }) => [
      ...[id, name, plugin, enabled ? state : "disabled", String(waiting), String(failures)],
    ]);
    return terminal.table(["id", "name", "plugin", "state", "waiting", "failures"], rows);
  });
}

async function testChannel(channel: string, options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const tested = await withClient(options, "running", async (client) =>
    client.send<{ success: boolean; id: string; answer: string }>(
      "POST",
      `${CHANNELS}/${encodeURIComponent(await idOf(client, channel))}/test`,
    ),
  );
  new Terminal(options).show(tested, () => `The test was sent. ${tested.answer}`.trim());
}

async function listMessages({ state, channel, ...options }: MessagesOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const items = await withClient(options, "offline", async (client) => {
    const query = new URLSearchParams(state === undefined ? {} : { state });
    if (channel !== undefined) query.set("channelId", await idOf(client, channel));
    const rows: NotificationRow[] = [];
    for await (const row of client.list<NotificationRow>(`${NOTIFICATIONS}?${query}`)) {
      rows.push(row);
      if (rows.length >= MAX_SHOWN) break;
    }
    return rows;
  });
  const terminal = new Terminal(options);
  terminal.show(items, () => {
    const rows = items.map((row) => [
      ...[row.id, formatTime(row.createdAt), row.state, row.channelName ?? row.channelId, row.title],
      ...[String(row.attempts), row.lastError ?? ""],
    ]);
    return terminal.table(["id", "at", "state", "channel", "title", "attempts", "last error"], rows);
  });
}

/** A channel is named by what people call it, too. */
async function idOf(client: ApiClient, channel: string): Promise<string> {
  const { items } = await client.get<{ items: ChannelRow[] }>(CHANNELS);
  return items.find(({ name }) => name === channel)?.id ?? channel;
}
