import { AppError } from "../../errors/app-error.ts";

/**
 * JSON as it stands on the command line, or of a file after `@`; undefined when nothing was given.
 * @throws AppError `invalid_request` naming the option
 */
export async function jsonInput(text: string | undefined, option: string): Promise<unknown> {
  if (text === undefined) return undefined;
  const file = text.startsWith("@") ? Bun.file(text.slice(1)) : undefined;
  if (file && !(await file.exists())) {
    throw new AppError("invalid_request", `${option}: there is no file ${text.slice(1)}.`);
  }
  try {
    return JSON.parse(file ? await file.text() : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be read";
    throw new AppError("invalid_request", `${option} is not JSON (${reason}).`, { cause });
  }
}
