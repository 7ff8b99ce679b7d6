import type { PluginPermissions } from "../../../../schema/plugin/manifest.ts";
import type { BrokerMethod, BrokerMethods } from "../../../../schema/plugin/rpc.ts";
import { GroupCommit } from "../../../../server/database/group-commit.ts";
import { AppError } from "../../../../server/errors/app-error.ts";
import { Events } from "../../../../server/events/events.ts";
import { systemClock } from "../../../../server/lib/clock.ts";
import { silentLogger } from "../../../../server/logs/logger.ts";
import { defineSeries } from "../../../../server/metrics/series.ts";
import { Outbound } from "../../../../server/outbound/outbound.ts";
import { type Resolver, systemResolver } from "../../../../server/outbound/resolver.ts";
import type { BrokerSession, BrokerStreams } from "../../../../server/plugins/broker/broker.ts";
import { Decisions } from "../../../../server/plugins/broker/decisions.ts";
import { CallGraph } from "../../../../server/plugins/broker/executions.ts";
import { configPathsOf, resolveGrants } from "../../../../server/plugins/broker/grants.ts";
import { PluginLogs } from "../../../../server/plugins/broker/log-lines.ts";
import { PluginMetrics } from "../../../../server/plugins/broker/recorded-metrics.ts";
import {
  type BrokerParts,
  type BrokerSessionOptions,
  openBrokerSession,
} from "../../../../server/plugins/broker/session.ts";
import { PluginState } from "../../../../server/plugins/broker/state.ts";
import { PluginStateStore } from "../../../../server/plugins/broker/state-store.ts";
import { selfCommand } from "../../../../server/plugins/jail/self-command.ts";
import { USERS, UserPool } from "../../../../server/plugins/jail/user-pool.ts";
import type { Caller } from "../../../../server/security/caller.ts";
import { OWNER } from "../../../../server/security/principal.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { TempFolder } from "../../../support/temp-folder.ts";
import { SecretHouse } from "../../secrets/secret-house.ts";

export const OWNER_CALLER: Caller = { principal: OWNER, correlationId: "test", clientAddress: "control" };

/** The streams of a channel without the channel. */
export class TestStreams implements BrokerStreams {
  readonly #towardsPlugin = new Map<number, ReadableStream<Uint8Array>>();
  readonly #fromPlugin = new Map<number, ReadableStream<Uint8Array>>();
  /** Whether the channel has as many streams open as it may. */
  isFull = false;
  #nextEven = 0;
  #nextOdd = 1;

  open(source: ReadableStream<Uint8Array>): number {
    if (this.isFull) throw new AppError("overloaded", "Too many streams are open.");
    this.#nextEven += 2;
    this.#towardsPlugin.set(this.#nextEven, source);
    return this.#nextEven;
  }

  accept(id: number): ReadableStream<Uint8Array> {
    const stream = this.#fromPlugin.get(id);
    if (!stream) throw new AppError("invalid_request", `There is no stream ${id}.`);
    this.#fromPlugin.delete(id);
    return stream;
  }

  /** Opens a stream as the plugin does. */
  offer(source: string | ReadableStream<Uint8Array>): number {
    const id = this.#nextOdd;
    this.#nextOdd += 2;
    this.#fromPlugin.set(id, typeof source === "string" ? bytesOf(source) : source);
    return id;
  }

  /** What the server opened under that number. */
  at(id: number | undefined): ReadableStream<Uint8Array> {
    const stream = this.#towardsPlugin.get(id ?? -1);
    if (!stream) throw new Error(`The server opened no stream ${id}.`);
    return stream;
  }

  async textAt(id: number | undefined): Promise<string> {
    return new Response(this.at(id)).text();
  }
}

export function bytesOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

/** A plugin with its broker, as a test asks for it. */
export interface TestPlugin {
  session: BrokerSession;
  streams: TestStreams;
  call<M extends BrokerMethod>(
    method: M,
    params: BrokerMethods[M]["params"],
    signal?: AbortSignal,
  ): Promise<BrokerMethods[M]["result"]>;
  /** As a hostile plugin asks: anything. */
  send(method: BrokerMethod, params: unknown): Promise<unknown>;
}

type TestOptions = Partial<Omit<BrokerSessionOptions, "grants">> & {
  permissions?: PluginPermissions;
  config?: Record<string, unknown>;
};

/** Everything around a broker: real database, secrets, audit log, events, sockets and files. */
export class BrokerHouse implements AsyncDisposable {
  readonly #sessions: BrokerSession[] = [];

  private constructor(
    readonly clock: ManualClock,
    readonly folder: TempFolder,
    readonly secretHouse: SecretHouse,
    readonly events: Events,
    readonly parts: BrokerParts,
    readonly logs: PluginLogs,
    readonly metrics: PluginMetrics,
    readonly decisions: Decisions,
  ) {}

  static async open(given: Partial<BrokerParts> & { resolver?: Resolver } = {}): Promise<BrokerHouse> {
    const folder = new TempFolder();
    const clock = new ManualClock();
    const house = await SecretHouse.open(folder.path, clock);
    const { scrub } = house.redactor;
    const events = new Events({ database: house.state, clock, log: silentLogger, scrub });
    await events.start();
    const decisions = new Decisions({
      audit: house.audit,
      events,
      clock,
      report: (error) => {
        throw error;
      },
    });
    const logs = new PluginLogs({ log: silentLogger, clock, scrub });
    const metrics = new PluginMetrics(defineSeries, clock);
    const { resolver = systemResolver, ...replaced } = given;
    const commits = new GroupCommit(house.state, clock);
    const parts: BrokerParts = {
      clock,
      decisions,
      outbound: new Outbound({ clock: systemClock, resolver }),
      commits,
      state: new PluginState({ commits, store: new PluginStateStore(house.state), clock }),
      secrets: house.secrets,
      environment: {},
      logs,
      metrics,
      events,
      execute: async () => null,
      calls: new CallGraph(),
      forbiddenPaths: [],
      run: {
        launcher: selfCommand,
        users: process.getuid?.() === 0 ? new UserPool(USERS.programs) : undefined,
      },
      ...replaced,
    };
    return new BrokerHouse(clock, folder, house, events, parts, logs, metrics, decisions);
  }

  plugin(options: TestOptions = {}): TestPlugin {
    const { permissions = {}, config = {}, pluginId = "tester", ...rest } = options;
    const session = openBrokerSession(
      {
        pluginId,
        grants: resolveGrants(permissions, config, this.parts.forbiddenPaths),
        dependencies: [],
        configuration: { read: () => config, write: async (values) => void Object.assign(config, values) },
        lockedConfigPaths: configPathsOf(permissions),
        ...rest,
      },
      this.parts,
    );
    this.#sessions.push(session);
    const streams = new TestStreams();
    const never = new AbortController().signal;
    return {
      session,
      streams,
      call: async (method, params, signal = never) =>
        (await session.serve(method, params, streams, signal)) as BrokerMethods[typeof method]["result"],
      send: (method, params) => session.serve(method, params, streams, never),
    };
  }

  /** Lines of denials in the audit log: target and how often. */
  async denials(): Promise<{ actor: string; action: string; target: string; count: number }[]> {
    await this.secretHouse.audit.flush();
    const { items } = await this.secretHouse.auditLog.list({ outcome: "denied" }, { limit: 100 });
    return items
      .map(({ actor, action, target, count }) => ({ actor, action, target, count }))
      .sort((a, b) => (a.target < b.target ? -1 : 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
    await this.events.stop();
    await this.secretHouse[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** The error code a call ends with, or `ok`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
