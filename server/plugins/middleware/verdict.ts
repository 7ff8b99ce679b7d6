import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { AppError } from "../../errors/app-error.ts";

const MAX_HEADERS = 16;
const MAX_VALUE_LENGTH = 1_024;
const MAX_MESSAGE_LENGTH = 500;
/** A plugin adds headers of its own; those of the house and of the protocol are not its to set. */
const ALLOWED_NAME = /^x-[a-z0-9][a-z0-9-]{0,63}$/;
const OF_THE_HOUSE =
  /^x-(?:binnacle-|correlation-|forwarded-|frame-options$|content-type-options$|xss-|accel-|sendfile|dns-prefetch)/;
const PRINTABLE = /^[\x20-\x7e]*$/;

const Answer = Type.Union([
  Type.Null(),
  Type.Undefined(),
  Type.Object({
    refuse: Type.Optional(
      Type.Object({
        status: Type.Optional(Type.Integer({ minimum: 400, maximum: 499 })),
        message: Type.Optional(Type.String()),
      }),
    ),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
]);

/** What a middleware plugin decided about a request. */
export interface Verdict {
  refusal: { status: number; message: string } | undefined;
  headers: [string, string][];
}

const DEFAULT_STATUS = 403;

/** Reads what a plugin answered. @throws AppError `plugin_execution_failed` when it is no verdict */
export function readVerdict(answer: unknown): Verdict {
  if (!Value.Check(Answer, answer)) {
    throw new AppError("plugin_execution_failed", "The plugin's answer is not { refuse?, headers? }.");
  }
  const { refuse, headers = {} } = answer ?? {};
  const allowed = Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(
      ([name, value]) => isOwnHeader(name) && value.length <= MAX_VALUE_LENGTH && PRINTABLE.test(value),
    );
  return {
    refusal: refuse && {
      status: refuse.status ?? DEFAULT_STATUS,
      message: (refuse.message ?? "").slice(0, MAX_MESSAGE_LENGTH),
    },
    headers: allowed.slice(0, MAX_HEADERS),
  };
}

const isOwnHeader = (name: string): boolean => ALLOWED_NAME.test(name) && !OF_THE_HOUSE.test(name);
