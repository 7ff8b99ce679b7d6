import type { BrokerMethods } from "../../../../schema/plugin/rpc.ts";
import type { Channel } from "../../channel/channel.ts";
import { currentCall } from "./current-call.ts";

type LogLevel = BrokerMethods["log"]["params"]["level"];

const MAX_MESSAGE_LENGTH = 4_000;
const MAX_FIELDS_LENGTH = 16_000;

/** The plugin's log, on its way to the server. Nobody waits for a line; one that finds the way full is counted and told of. */
export class LogLines {
  readonly #channel: Channel;
  #dropped = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** @param correlationId of the call that the line belongs to; the one in whose course it is written unless said. */
  write(
    level: LogLevel,
    message: unknown,
    fields?: Record<string, unknown>,
    correlationId: string | undefined = currentCall.getStore(),
  ): void {
    if (this.#dropped > 0 && this.#send("warning", "Lines were dropped", { dropped: this.#dropped })) {
      this.#dropped = 0;
    }
    if (!this.#send(level, String(message), plainFields(fields), correlationId)) this.#dropped++;
  }

  /** An error that nobody caught, or that a part of the plugin met outside of a call. */
  error(what: string, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.write("error", `${what}: ${error.message}`, { name: error.name, stack: error.stack });
  }

  #send(
    level: LogLevel,
    message: string,
    fields: Record<string, unknown> | undefined,
    correlationId?: string,
  ): boolean {
    return this.#channel.notify("log", {
      level,
      message: message.slice(0, MAX_MESSAGE_LENGTH),
      ...(fields ? { fields } : {}),
      ...(correlationId === undefined ? {} : { correlationId }),
    });
  }
}

/** Fields as JSON carries them, whatever the author put in. */
function plainFields(fields: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  if (fields === undefined) return undefined;
  try {
    const text = JSON.stringify(fields, (_, value: unknown) =>
      value instanceof Error
        ? { name: value.name, message: value.message, stack: value.stack }
        : typeof value === "bigint"
          ? value.toString()
          : value,
    );
    return text.length > MAX_FIELDS_LENGTH ? { clipped: text.slice(0, MAX_FIELDS_LENGTH) } : JSON.parse(text);
  } catch {
    return { fields: Bun.inspect(fields).slice(0, MAX_FIELDS_LENGTH) };
  }
}
