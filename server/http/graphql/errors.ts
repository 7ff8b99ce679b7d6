import type { GraphQLFormattedError } from "graphql";
import { type AppError, toAppError } from "../../errors/app-error.ts";
import type { Exchange } from "../exchange.ts";

/** What GraphQL's own machinery throws, ours or the query compiler's: told apart by shape. */
interface RaisedError {
  message: string;
  path?: readonly (string | number)[] | undefined;
  locations?: readonly { line: number; column: number }[] | undefined;
  originalError?: unknown;
}

/** An error that ends an operation before it is executed, with the HTTP status it deserves. */
export class OperationRefused extends Error {
  override readonly name = "OperationRefused";
  readonly errors: readonly GraphQLFormattedError[];
  /** The request is well-formed HTTP; only the GraphQL in it is wrong. Such answers are 200 as application/json. */
  readonly isDocumentError: boolean;

  constructor(errors: readonly GraphQLFormattedError[], isDocumentError: boolean) {
    super(errors[0]?.message ?? "The operation was refused.");
    this.errors = errors;
    this.isDocumentError = isDocumentError;
  }
}

/**
 * How an error of an execution reads to the caller: an {@link AppError} with its code and issues; what GraphQL itself
 * found wrong with the input as it says; everything else masked, and left in the exchange for the log.
 */
export function presentError(raised: RaisedError, exchange: Exchange): GraphQLFormattedError {
  const cause = rootCause(raised);
  if (cause === undefined || isGraphqlError(cause)) {
    return formatted(raised, raised.message, {
      code: "invalid_request",
      correlationId: exchange.correlationId,
    });
  }
  const error = toAppError(cause);
  if (error.kind === "internal" || exchange.error === undefined) exchange.error = error;
  return formatted(raised, error.message, extensionsOf(error, exchange.correlationId));
}

/** An error that is about no field: sizes, persisted operations, access to the endpoint. */
export function presentAppError(error: AppError, correlationId: string): GraphQLFormattedError {
  return { message: error.message, extensions: extensionsOf(error, correlationId) };
}

function extensionsOf(error: AppError, correlationId: string): Record<string, unknown> {
  return {
    code: error.code,
    correlationId,
    ...(error.issues.length > 0 ? { errors: error.issues } : {}),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}

function formatted(
  { path, locations }: RaisedError,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLFormattedError {
  return { message, ...(locations ? { locations } : {}), ...(path ? { path } : {}), extensions };
}

/** What was thrown first, beneath the wrappers that add a path. */
function rootCause(raised: RaisedError): unknown {
  let cause = raised.originalError;
  while (isGraphqlError(cause) && cause.originalError) cause = cause.originalError;
  return cause;
}

function isGraphqlError(value: unknown): value is RaisedError {
  return value instanceof Error && value.name === "GraphQLError";
}
