import type { BrokerMethod } from "../../schema/plugin/rpc.ts";
import { AppError } from "../../server/errors/app-error.ts";
import { type Clock, systemClock } from "../../server/lib/clock.ts";
import type { BrokerSession, BrokerStreams } from "../../server/plugins/broker/broker.ts";
import type { JailedProcess, JailRequest } from "../../server/plugins/jail/jailed-process.ts";
import { launchJail } from "../../server/plugins/jail/launch.ts";
import type { ProcessLimits, RunningPlugin } from "../../server/plugins/process/plugin-process.ts";
import { createStartPlugin } from "../../server/plugins/process/start-plugin.ts";

type Serve = (params: never, streams: BrokerStreams, signal: AbortSignal) => unknown;

/** A broker that grants what the test says, notes everything, and refuses the rest. */
export class TestBroker implements BrokerSession {
  readonly asked: [method: string, params: unknown][] = [];
  readonly log: {
    level: string;
    message: string;
    fields?: Record<string, unknown>;
    correlationId?: string;
  }[] = [];
  isClosed = false;
  #logged = Promise.withResolvers<void>();
  readonly #serves: Partial<Record<BrokerMethod, Serve>>;

  constructor(serves: Partial<Record<BrokerMethod, Serve>> = {}) {
    this.#serves = serves;
  }

  async serve(
    method: BrokerMethod,
    params: unknown,
    streams: BrokerStreams,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (method === "log") {
      this.log.push(params as (typeof this.log)[number]);
      this.#logged.resolve();
      this.#logged = Promise.withResolvers();
      return null;
    }
    this.asked.push([method, params]);
    const serve = this.#serves[method];
    if (!serve) throw new AppError("permission_denied", `${method} was not granted.`);
    return serve(params as never, streams, signal);
  }

  /** Settles once so many lines have come. */
  async lines(count: number): Promise<void> {
    while (this.log.length < count) await this.#logged.promise;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

interface StartChoices {
  broker?: BrokerSession;
  clock?: Clock;
  limits?: Partial<ProcessLimits>;
  allowedImports?: readonly string[];
  config?: unknown;
  launch?: (request: JailRequest) => Promise<JailedProcess>;
  main?: string;
}

const LIMITS: ProcessLimits = {
  timeoutMs: 20_000,
  memoryBytes: 256 * 1024 * 1024,
  concurrency: 5,
  outputBytes: 1024 * 1024,
};

export const CALL = { correlationId: "test-call", caller: "test" };

/** Starts a plugin of the given source, or files, in the real jail. */
export async function startPlugin(
  source: string | Record<string, string | Uint8Array>,
  choices: StartChoices = {},
): Promise<RunningPlugin> {
  const { broker = new TestBroker(), clock = systemClock, allowedImports = [], config = {} } = choices;
  const files = typeof source === "string" ? { "main.ts": source } : source;
  const start = createStartPlugin({
    clock,
    launchJail: choices.launch ?? launchJail,
    openBroker: () => broker,
    isSandboxRequired: () => false,
  });
  const program = {
    id: "tested",
    version: "1.2.3",
    main: choices.main ?? "main.ts",
    files: new Map(
      Object.entries(files).map(([path, content]) => [
        path,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      ]),
    ),
    config,
    allowedImports,
  };
  return start(program, { ...LIMITS, ...choices.limits }, new AbortController().signal);
}
