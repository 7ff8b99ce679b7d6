import type { ClaimsVerbInput, QueryVerbInput } from "../../../schema/plugin/author.ts";
import {
  type HostMethod,
  type HostMethods,
  type LoadParams,
  type LoadResult,
  RPC_VERSION,
} from "../../../schema/plugin/rpc.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ServedCall } from "../channel/calls.ts";
import { Channel } from "../channel/channel.ts";
import type { ByteSocket } from "../jail/jailed-process.ts";
import { redirectConsole } from "./console.ts";
import { OwnConfiguration } from "./context/config.ts";
import { type CallFacts, createContext } from "./context/context.ts";
import { fetchThroughServer } from "./context/fetch.ts";
import { LogLines } from "./context/log-lines.ts";
import { MetricBuffer } from "./context/metric-buffer.ts";
import { describeFailure } from "./failures.ts";
import { PluginLoadError } from "./load-error.ts";
import { LoadedPlugin } from "./loaded-plugin.ts";
import { ServerLine } from "./server-line.ts";

type Params<M extends HostMethod> = HostMethods[M]["params"];

/** More than the server ever asks at once. */
const MAX_SERVED = 512;
const CALLER = "server";

/** The plugin's side of the channel: serves what the server asks, and gives the plugin what it may use. */
export class PluginHost {
  readonly #clock: Clock;
  readonly #line: ServerLine;
  readonly #log: LogLines;
  readonly #ending = new AbortController();
  #plugin: LoadedPlugin | undefined;

  constructor(socket: ByteSocket, clock: Clock) {
    this.#clock = clock;
    const channel = new Channel(socket, {
      side: "plugin",
      clock,
      maxServed: MAX_SERVED,
      serve: (method, params, call) => this.#serve(method, params, call),
      notified: () => false,
      describe: describeFailure,
    });
    this.#line = new ServerLine(channel);
    this.#log = new LogLines(channel);
  }

  /** Answered at once when cancelled: that shows the server that this thread still yields. */
  #serve(method: string, params: unknown, call: ServedCall): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    call.onAbort(reject);
    this.#answer(method, params, call).then(resolve, reject);
    return promise;
  }

  /** What comes from the server is trusted to have the form that the contract says. */
  async #answer(method: string, params: unknown, served: ServedCall): Promise<unknown> {
    switch (method as HostMethod) {
      case "hello":
        return { rpcVersion: RPC_VERSION };
      case "load":
        return this.#load(params as LoadParams);
      case "initialize":
        return this.#loaded.initialize((params as Params<"initialize">).config);
      case "invoke":
        return this.#invoke(params as Params<"invoke">, served);
      case "event":
        return this.#deliver(params as Params<"event">, served);
      case "health":
        return this.#loaded.health(callOf(served, "health"));
      case "configure":
        return this.#loaded.configure((params as Params<"configure">).config, callOf(served, "configure"));
      case "shutdown":
        return this.#shutDown(served);
      default:
        throw new Error(`The host knows no ${method}.`);
    }
  }

  get #loaded(): LoadedPlugin {
    if (this.#plugin === undefined) throw new PluginLoadError("Nothing is loaded.");
    return this.#plugin;
  }

  async #load(params: LoadParams): Promise<LoadResult> {
    const files = await this.#receive(params);
    const metrics = new MetricBuffer(this.#line, this.#log, this.#clock);
    const { pluginId, version } = params;
    const config = new OwnConfiguration(this.#line);
    const parts = { pluginId, version, line: this.#line, log: this.#log, metrics, config };
    this.#furnish();
    this.#plugin = await LoadedPlugin.load(params, files, {
      lifetime: this.#ending.signal,
      contextOf: (call, ending) => createContext(parts, call, ending),
      configured: (given) => config.take(given),
      flush: () => metrics.flush(),
    });
    return this.#plugin.loaded;
  }

  async #receive({ files, contents }: LoadParams): Promise<Map<string, Uint8Array>> {
    const bytes = await new Response(this.#line.channel.streams.accept(contents)).bytes();
    const received = new Map<string, Uint8Array>();
    let offset = 0;
    for (const { path, sizeBytes } of files) {
      received.set(path, bytes.subarray(offset, offset + sizeBytes));
      offset += sizeBytes;
    }
    return received;
  }

  /** What a plugin finds in its surroundings: a console, `fetch`, and somebody who hears of errors that nobody caught. */
  #furnish(): void {
    redirectConsole(this.#log);
    const { signal } = this.#ending;
    globalThis.fetch = Object.assign(
      (input: string | URL | Request, init?: RequestInit) =>
        fetchThroughServer(this.#line, signal, input, init),
      { preconnect: () => undefined },
    );
    process.on("unhandledRejection", (reason) => this.#log.error("A promise was rejected unheard", reason));
    process.on("uncaughtException", (error) => this.#log.error("An error was thrown unheard", error));
  }

  async #invoke(
    { verb, input, correlationId, caller }: Params<"invoke">,
    served: ServedCall,
  ): Promise<unknown> {
    const call = callOf(served, correlationId, caller);
    if (verb === "executeQuery") {
      const { queryId, params } = input as QueryVerbInput;
      return this.#loaded.call(verb, call, (ctx) => [ctx, queryId, params]);
    }
    if (verb === "beforeJwtSign") {
      return this.#loaded.call(verb, call, (ctx) => [ctx, (input as ClaimsVerbInput).claims]);
    }
    return this.#loaded.call(verb, call, (ctx) => [input, ctx]);
  }

  async #deliver({ event, attempt, correlationId }: Params<"event">, served: ServedCall): Promise<null> {
    const told = { ...(event as object), attempt };
    await this.#loaded.call("onEvent", callOf(served, correlationId), (ctx) => [told, ctx]);
    return null;
  }

  async #shutDown(served: ServedCall): Promise<null> {
    await this.#plugin?.shutDown(callOf(served, "shutdown"));
    this.#ending.abort(new Error("The plugin ends."));
    return null;
  }
}

const callOf = (served: ServedCall, correlationId: string, caller: string = CALLER): CallFacts => ({
  get signal() {
    return served.signal;
  },
  correlationId,
  caller,
});
