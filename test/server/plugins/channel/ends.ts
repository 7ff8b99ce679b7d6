import { type Clock, systemClock } from "../../../../server/lib/clock.ts";
import { Channel, type ChannelOptions } from "../../../../server/plugins/channel/channel.ts";
import type { Violation } from "../../../../server/plugins/channel/violations.ts";
import { type MemorySocket, socketPair } from "./socket-pair.ts";

type Serve = ChannelOptions["serve"];

/** Both ends of a channel, joined in memory. */
export interface Ends {
  server: Channel;
  plugin: Channel;
  serverSocket: MemorySocket;
  pluginSocket: MemorySocket;
  /** What the server noted against the plugin. */
  violations: Violation[];
  notified: [method: string, params: unknown][];
}

const describe = (thrown: unknown) => ({
  code: "plugin_execution_failed",
  message: thrown instanceof Error ? thrown.message : String(thrown),
});

/** Time stands still within a turn of the event loop: on a slow machine too, what arrives at once is taken at once. */
function steadyClock(): Clock {
  let nowMs: number | undefined;
  const forget = (): void => {
    nowMs = undefined;
  };
  const monotonic = (): number => {
    if (nowMs === undefined) setImmediate(forget);
    nowMs ??= systemClock.monotonic();
    return nowMs;
  };
  return { ...systemClock, monotonic };
}

const refuse: Serve = async (method) => {
  throw new Error(`nobody serves ${method}`);
};

export function channelEnds(
  serves: { server?: Serve; plugin?: Serve },
  choices: Partial<ChannelOptions> = {},
): Ends {
  const [serverSocket, pluginSocket] = socketPair();
  const violations: Violation[] = [];
  const notified: [string, unknown][] = [];
  const options = { clock: steadyClock(), maxServed: 8, describe };
  const server = new Channel(serverSocket, {
    ...options,
    side: "server",
    serve: serves.server ?? refuse,
    notified: (method, params) => notified.push([method, params]) > 0,
    violated: (violation) => violations.push(violation),
    ...choices,
  });
  const plugin = new Channel(pluginSocket, {
    ...options,
    side: "plugin",
    serve: serves.plugin ?? refuse,
    notified: () => false,
    ...(choices.maxServed === undefined ? {} : { maxServed: choices.maxServed }),
  });
  return { server, plugin, serverSocket, pluginSocket, violations, notified };
}

/** Lets what is under way on memory sockets arrive. */
export async function settled(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
