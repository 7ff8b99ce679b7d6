import { type BrokerMethod, type BrokerMethods, MAX_BROKER_REQUESTS } from "../../../schema/plugin/rpc.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { Channel } from "../channel/channel.ts";
import { ChannelError, type ChannelFailure } from "../channel/failure.ts";

/** What the server answered that it does not do, as an author sees it. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  /** Stable, such as `permission_denied`. */
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The plugin's requests to the server: no more at once than it takes, the rest wait here. */
export class ServerLine {
  readonly channel: Channel;
  readonly #room = new Semaphore(MAX_BROKER_REQUESTS);

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** @throws ServerError; the signal's reason */
  async ask<M extends BrokerMethod>(
    method: M,
    params: BrokerMethods[M]["params"],
    signal: AbortSignal,
  ): Promise<BrokerMethods[M]["result"]> {
    return this.#room.run(async () => {
      try {
        signal.throwIfAborted();
        return await this.channel.request(method, params, { signal }).answer;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw asServerError(error);
      }
    }) as Promise<BrokerMethods[M]["result"]>;
  }

  /** A stream to the server that is made for a request. @throws ServerError `overloaded` */
  open(source: ReadableStream<Uint8Array>): number {
    try {
      return this.channel.streams.open(source);
    } catch (error) {
      throw asServerError(error);
    }
  }

  /** As {@link ask}, with streams of this side's that are made for the request: they end with it when it fails. */
  async askWith<M extends BrokerMethod>(
    method: M,
    params: BrokerMethods[M]["params"],
    streams: readonly number[],
    signal: AbortSignal,
  ): Promise<BrokerMethods[M]["result"]> {
    try {
      return await this.ask(method, params, signal);
    } catch (error) {
      for (const id of streams) this.channel.streams.drop(id, error);
      throw error;
    }
  }
}

const CODE_OF_FAILURE = {
  remote: "internal",
  closed: "cancelled",
  cancelled: "cancelled",
  bad_answer: "internal",
  busy: "overloaded",
  answer_too_large: "body_too_large",
  no_stream: "invalid_request",
} as const satisfies Record<ChannelFailure, string>;

function asServerError(error: unknown): unknown {
  if (!(error instanceof ChannelError)) return error;
  const { code, message } = error.wire ?? { code: CODE_OF_FAILURE[error.failure], message: error.message };
  return new ServerError(code, message, error);
}
