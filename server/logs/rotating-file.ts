import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import type { LogRecord, Sink, TextFormatter } from "@logtape/logtape";
import { errorCodeOf } from "../errors/app-error.ts";

const FILE_MODE = 0o600;

/** How a log file grows. */
export interface RotatingFileOptions {
  formatter: TextFormatter;
  /** The file is put aside (`<file>.1`, `.2`, …) before it would grow beyond this. */
  maxSizeBytes: number;
  /** Files put aside that are kept, packed or not. */
  maxFiles: number;
  /** The file is put aside once it was begun longer ago than this. */
  maxAgeMs?: number;
}

/**
 * A sink that appends each line at once, so that a crash of this process loses none. It never waits for the disk itself:
 * LogTape's own file sink calls fsync on every line, on the event loop, and on a busy disk each took some 100 ms.
 *
 * @throws what the file system does, when it cannot be opened or written.
 */
export function rotatingFileSink(path: string, options: RotatingFileOptions): Sink & Disposable {
  let descriptor = openSync(path, "a", FILE_MODE);
  let { size: sizeBytes, birthtimeMs: beganAt } = fstatSync(descriptor);
  const rotate = (): void => {
    closeSync(descriptor);
    for (let index = options.maxFiles - 1; index > 0; index--) {
      renameWhenThere(`${path}.${index}`, `${path}.${index + 1}`);
      renameWhenThere(packedName(path, index), packedName(path, index + 1));
    }
    renameWhenThere(path, `${path}.1`);
    descriptor = openSync(path, "a", FILE_MODE);
    sizeBytes = 0;
    beganAt = Date.now();
  };
  const sink = (record: LogRecord): void => {
    const line = Buffer.from(options.formatter(record));
    const isOld = options.maxAgeMs !== undefined && record.timestamp - beganAt > options.maxAgeMs;
    if (sizeBytes > 0 && (isOld || sizeBytes + line.length > options.maxSizeBytes)) rotate();
    sizeBytes += writeSync(descriptor, line);
  };
  return Object.assign(sink, { [Symbol.dispose]: () => closeSync(descriptor) });
}

/** What a file that was put aside is called once it is packed. */
export const packedName = (path: string, index: number): string => `${path}.${index}.gz`;

function renameWhenThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCodeOf(error) !== "ENOENT") throw error;
  }
}
