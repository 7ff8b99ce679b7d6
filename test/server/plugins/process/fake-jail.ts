import { RPC_VERSION } from "../../../../schema/plugin/rpc.ts";
import type { BrokerSession } from "../../../../server/plugins/broker/broker.ts";
import { Channel } from "../../../../server/plugins/channel/channel.ts";
import type { JailEnding, JailedProcess, JailUsage } from "../../../../server/plugins/jail/jailed-process.ts";
import type { PluginProgram, ProcessLimits } from "../../../../server/plugins/process/plugin-process.ts";
import { createStartPlugin } from "../../../../server/plugins/process/start-plugin.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { type MemorySocket, socketPair } from "../channel/socket-pair.ts";

const BASE_BYTES = 10_000_000;

/** A jail without a process: what would be the plugin's end of the channel is in the test's hands. */
export class FakeJail implements JailedProcess {
  readonly pid = 4_711;
  readonly level = "full";
  readonly socket: MemorySocket;
  readonly pluginSocket: MemorySocket;
  readonly exited: Promise<JailEnding>;
  pssBytes = BASE_BYTES;
  kills = 0;
  readonly #exit: (ending: JailEnding) => void;
  #hasEnded = false;

  constructor() {
    const [server, plugin] = socketPair();
    const { promise, resolve } = Promise.withResolvers<JailEnding>();
    this.socket = server;
    this.pluginSocket = plugin;
    this.exited = promise;
    this.#exit = resolve;
  }

  stderrTail = (): readonly string[] => ["last words"];

  usage(): JailUsage | undefined {
    return this.#hasEnded ? undefined : { cpuSeconds: 1, pssBytes: this.pssBytes, rssBytes: 0, threads: 5 };
  }

  kill(): void {
    this.kills++;
    this.end({ code: undefined, signal: "SIGKILL" });
  }

  /** The process ends, of itself unless it was killed. */
  end(ending: JailEnding): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.pluginSocket.ended();
    this.socket.ended();
    this.#exit(ending);
  }
}

export type Answers = Record<string, (params: unknown, signal: AbortSignal) => unknown>;

const WILLING: Answers = {
  hello: () => ({ rpcVersion: RPC_VERSION }),
  load: () => ({ verbs: ["execute"] }),
  initialize: () => null,
  health: () => ({ status: "healthy" }),
  shutdown: () => null,
};

const PROGRAM: PluginProgram = {
  id: "hello",
  version: "1.0.0",
  main: "main.ts",
  files: new Map([["main.ts", new TextEncoder().encode("export default {}")]]),
  config: {},
  allowedImports: [],
};
export const LIMITS: ProcessLimits = {
  timeoutMs: 10_000,
  memoryBytes: 50_000_000,
  concurrency: 2,
  outputBytes: 1_000,
};
export const OPTIONS = { correlationId: "c-1", caller: "test" };

/** Starts a plugin whose side answers as the test says; what it leaves out is answered as a willing plugin does. */
export function startFake(answers: Answers = {}, limits: Partial<ProcessLimits> = {}) {
  const jail = new FakeJail();
  const clock = new ManualClock();
  const all = { ...WILLING, ...answers };
  const asked: string[] = [];
  const brokered: [string, unknown, AbortSignal][] = [];
  const broker: BrokerSession & { isClosed: boolean } = {
    isClosed: false,
    serve: async (method, params, _, signal) => {
      brokered.push([method, params, signal]);
      return method === "secrets.get" ? new Promise(() => undefined) : null;
    },
    async close() {
      broker.isClosed = true;
    },
  };
  const plugin = new Channel(jail.pluginSocket, {
    side: "plugin",
    clock,
    maxServed: 100,
    serve: async (method, params, { signal }) => {
      asked.push(method);
      const answer = all[method];
      if (!answer) throw new Error(`nobody answers ${method}`);
      return answer(params, signal);
    },
    notified: () => false,
    describe: (thrown) => ({ code: "anything", message: (thrown as Error).message, stack: "at its place" }),
  });
  const controller = new AbortController();
  const start = createStartPlugin({
    clock,
    launchJail: async () => jail,
    openBroker: () => broker,
    isSandboxRequired: () => true,
  });
  const started = start(PROGRAM, { ...LIMITS, ...limits }, controller.signal);
  return { jail, clock, plugin, asked, broker, brokered, controller, started };
}

/** What never settles. */
export const never = (): Promise<never> => new Promise(() => undefined);
