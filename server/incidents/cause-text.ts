import type { AppError } from "../errors/app-error.ts";

const MAX_LENGTH = 4_000;
const MAX_READ_LENGTH = 20_000;
const MAX_CAUSES = 5;

/** What lies beneath an error, in words: each cause with its stack, without secrets, at most 4,000 characters. */
export function causeText(error: AppError, scrub: (text: string) => string): string {
  const parts: string[] = [];
  let cause: unknown = error.cause ?? error;
  for (let depth = 0; depth < MAX_CAUSES && cause !== undefined && cause !== null; depth++) {
    parts.push(textOf(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return scrub(parts.join("\ncaused by ").slice(0, MAX_READ_LENGTH)).slice(0, MAX_LENGTH);
}

/** What was thrown, when it is no error. An object may have no way to become text; what it is says enough. */
export const plainText = (thrown: unknown): string =>
  typeof thrown === "object" || typeof thrown === "function"
    ? Object.prototype.toString.call(thrown)
    : String(thrown);

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return plainText(cause);
  const headline = `${cause.name}: ${cause.message}`;
  const { stack } = cause;
  if (stack === undefined) return headline;
  // Some engines begin the stack with name and message, some with the first frame.
  return stack.startsWith(cause.name) ? stack : `${headline}\n${stack}`;
}
