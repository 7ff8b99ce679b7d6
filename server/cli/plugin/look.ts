import { formatBytes, formatDuration } from "../../lib/quantities.ts";
import type { Plugin, PluginDetail } from "../../plugins/model.ts";
import { withClient } from "../connect.ts";
import type { ConnectionOptions } from "../options.ts";
import type { LogOptions } from "../plugin.ts";
import { formatTime, Terminal } from "../terminal.ts";
import { PluginApi } from "./plugin-api.ts";
import { goesOn, healthText, stateText } from "./words.ts";

const PERCENT = 100;

/** `plugin list` */
export async function list(options: ConnectionOptions): Promise<void> {
  const plugins = await withClient(options, "running", (client) => new PluginApi(client).list());
  const terminal = new Terminal(options);
  terminal.show(plugins, () => {
    if (plugins.length === 0) return "No plugins. Make one: binnacle plugin new NAME";
    const rows = plugins.map((one) => [
      one.id,
      one.version,
      one.type,
      stateText(one, terminal),
      healthText(one, terminal),
      one.level ?? "–",
      one.origin,
      noteOf(one),
    ]);
    return terminal.table(["name", "version", "type", "state", "health", "sandbox", "origin", "note"], rows);
  });
}

/** `plugin status NAME` */
export async function status(name: string, options: ConnectionOptions): Promise<void> {
  const [plugin, said] = await withClient(options, "running", async (client) => {
    const api = new PluginApi(client);
    return [await api.get(name), await api.lastHealth(name)] as const;
  });
  const terminal = new Terminal(options);
  terminal.show(plugin, () => terminal.facts(factsOf(plugin, said?.message ?? "", terminal)));
}

/** `plugin status` */
export async function summary(options: ConnectionOptions): Promise<void> {
  const figures = await withClient(options, "running", (client) => new PluginApi(client).summary());
  const terminal = new Terminal(options);
  const { sandbox, states } = figures;
  terminal.show(figures, () =>
    terminal.facts([
      ["plugins", `${figures.total}, ${figures.enabled} enabled`],
      [
        "states",
        Object.entries(states)
          .filter(([, count]) => count > 0)
          .map(([state, count]) => `${count} ${state}`)
          .join(", ") || "–",
      ],
      ["needs approval", String(figures.needsApproval)],
      ["blocked", String(figures.blocked)],
      ["quarantined", String(figures.quarantined)],
      ["calls", `${figures.calls}, ${figures.errors} failed`],
      ["memory", formatBytes(figures.memoryBytes)],
      ["sandbox", `${sandbox.level}${sandbox.message ? `: ${sandbox.message}` : ""}`],
    ]),
  );
}

/** `plugin logs NAME` */
export async function logs(name: string, options: LogOptions): Promise<void> {
  const lines = await withClient(options, "running", (client) =>
    new PluginApi(client).logs(name, options.lines),
  );
  const terminal = new Terminal(options);
  terminal.show(lines, () => {
    if (lines.length === 0) return `${name} has written nothing since the server started.`;
    const rows = lines.map(({ at, level, source, message, fields }) => [
      formatTime(at),
      level,
      source,
      Object.keys(fields).length === 0 ? message : `${message}  ${JSON.stringify(fields)}`,
    ]);
    return terminal.table(["time", "level", "from", "message"], rows);
  });
}

function noteOf(plugin: Plugin): string {
  const { id, needsApproval, block, quarantine, enabled } = plugin;
  if (quarantine) return `${quarantine.reason} Next: binnacle plugin release ${id}`;
  if (needsApproval && enabled) {
    return `${goesOn(plugin) ? "an update waits" : "waits"} for an approval: binnacle plugin approve ${id}`;
  }
  if (block === null) return "";
  return goesOn(plugin) ? `the version before goes on: ${block.message}` : block.message;
}

/** The command that helps it on. */
function nextOf({ id, quarantine, needsApproval, enabled }: Plugin): string | undefined {
  if (quarantine) return `binnacle plugin release ${id}`;
  return needsApproval && enabled ? `binnacle plugin approve ${id}` : undefined;
}

/** Of a monitor: its rhythm, and what the last time came to. */
function collectionText({ collection }: Plugin): string | undefined {
  if (collection === null) return undefined;
  const { intervalSeconds, lastAt, values, error } = collection;
  const every = `every ${formatDuration(intervalSeconds)}`;
  if (lastAt === null) return `${every}, not asked yet`;
  return `${every}, last at ${formatTime(lastAt)}: ${error ?? `${values} values`}`;
}

/** A process that rests is not asked: the verdict is as old as its last check. */
const checkedAt = ({ pid, healthCheckedAt }: Plugin): string =>
  pid === null && healthCheckedAt !== null ? ` (checked ${formatTime(healthCheckedAt)})` : "";

function factsOf(plugin: PluginDetail, said: string, terminal: Terminal): [string, string][] {
  const { lastError, quarantine, block, permissions } = plugin;
  const process =
    plugin.pid === null
      ? "none"
      : `${plugin.pid}, for ${formatDuration(plugin.uptimeSeconds)}, sandbox ${plugin.level ?? "–"}`;
  const usage =
    plugin.memoryBytes === null
      ? "–"
      : `${formatBytes(plugin.memoryBytes)}, ${(plugin.cpuPercent ?? 0).toFixed(1)} % of a core`;
  const optional: [string, string | undefined][] = [
    ["collects", collectionText(plugin)],
    [goesOn(plugin) ? "update" : "not running", block?.message],
    ["quarantine", quarantine ? `${quarantine.reason} (since ${formatTime(quarantine.at)})` : undefined],
    ["next", nextOf(plugin)],
    ["last error", lastError ? `${lastError.message} (${formatTime(lastError.at)})` : undefined],
  ];
  return [
    ["name", `${plugin.name} ${plugin.version}`],
    ["type", plugin.type],
    ["state", `${stateText(plugin, terminal)}, ${plugin.enabled ? "enabled" : "disabled"}`],
    ["health", `${healthText(plugin, terminal)}${said === "" ? "" : `: ${said}`}${checkedAt(plugin)}`],
    ["process", process],
    ["uses", usage],
    [
      "calls",
      `${plugin.calls}, ${plugin.errors} failed, ${(plugin.errorRate * PERCENT).toFixed(1)} % lately`,
    ],
    ...optional.flatMap(([title, text]): [string, string][] => (text === undefined ? [] : [[title, text]])),
    ...permissions.map(({ kind, text, granted }): [string, string] => [
      "permission",
      `${text.startsWith(kind) ? "" : `${kind} `}${text}${granted ? "" : "  (not granted)"}`,
    ]),
    ["from", `${plugin.origin}, since ${formatTime(plugin.registeredAt)} by ${plugin.registeredBy}`],
    ["changed", `${formatTime(plugin.changedAt)} by ${plugin.changedBy}`],
    ["digest", plugin.digest],
  ];
}
