import type { WireError } from "../../../schema/plugin/rpc.ts";

/**
 * Why a request or a stream of a channel came to nothing, apart from what is wrong with a value (`JsonError`):
 * `remote` – the other side says so (`wire`); `closed` – the channel ended; `cancelled` – by whoever asked;
 * `bad_answer` – it cannot be read; `busy` – as many are under way as may be, or the other side does not read; `answer_too_large` – more than was allowed;
 * `no_stream` – there is none of that number.
 */
export type ChannelFailure =
  | "remote"
  | "closed"
  | "cancelled"
  | "bad_answer"
  | "busy"
  | "answer_too_large"
  | "no_stream";

export class ChannelError extends Error {
  override readonly name = "ChannelError";
  readonly failure: ChannelFailure;
  /** What the other side said; of an untrusted process, cut to size. */
  readonly wire: WireError | undefined;

  constructor(failure: ChannelFailure, message: string, options: { wire?: WireError; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.wire = options.wire;
  }
}

export const badAnswer = (cause: unknown): ChannelError =>
  new ChannelError("bad_answer", "The answer is not JSON as it may be sent.", { cause });

const MAX_CODE_LENGTH = 64;
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STACK_LENGTH = 8_000;

/** What an error frame says, cut to size; undefined when it does not have the form. */
export function readWireError(value: unknown): WireError | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { code, message, stack } = value as Partial<Record<keyof WireError, unknown>>;
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  return boundWireError({ code, message, ...(typeof stack === "string" ? { stack } : {}) });
}

/** The same error, no longer than an error may be. */
export function boundWireError({ code, message, stack }: WireError): WireError {
  return {
    code: code.slice(0, MAX_CODE_LENGTH),
    message: message.slice(0, MAX_MESSAGE_LENGTH),
    ...(stack === undefined ? {} : { stack: stack.slice(0, MAX_STACK_LENGTH) }),
  };
}

/** An error that the other side reported, as something to throw. */
export const remoteError = (wire: WireError): ChannelError =>
  new ChannelError("remote", wire.message, { wire });
