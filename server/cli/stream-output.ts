import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { AppError, errorCodeOf } from "../errors/app-error.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "there is no such folder",
  ENOSPC: "no space is left",
};

/**
 * Writes what a server streams to a file, or to standard output, no faster than it is taken. A reader who has seen
 * enough (`| head`) ends it quietly.
 *
 * @throws AppError `storage_unavailable` when it cannot be written.
 */
export async function writeStream(
  body: AsyncIterable<Uint8Array>,
  outputFile: string | undefined,
): Promise<void> {
  try {
    if (outputFile === undefined) await pipeline(body, process.stdout, { end: false });
    else await pipeline(body, createWriteStream(outputFile));
  } catch (cause) {
    const code = errorCodeOf(cause);
    if (code === "EPIPE") return;
    const reason = REASONS[code];
    if (reason === undefined) throw cause;
    const place = outputFile ?? "standard output";
    throw new AppError("storage_unavailable", `Cannot write to ${place}: ${reason}.`, { cause });
  }
}
