import { fchmodSync, fchownSync, fstatSync, fsync, read, write } from "node:fs";
import { promisify } from "node:util";
import { AppError } from "../../../errors/app-error.ts";
import { newId } from "../../../lib/ids.ts";
import {
  FileCallError,
  OPEN,
  type OpenFile,
  openBeneath,
  removeWithin,
  renameWithin,
} from "./open-beneath.ts";

const readBytes = promisify(read);
const writeBytes = promisify(write);
const syncToDisk = promisify(fsync);

const CHUNK_BYTES = 64 * 1_024;
/** Of one file that a plugin writes. */
export const MAX_FILE_BYTES = 256 * 1_024 * 1_024;
const MIN_FREE_BYTES = 256 * 1_024 * 1_024;
const MIN_FREE_FILES = 1_000;
const LOOK_EVERY_BYTES = 8 * 1_024 * 1_024;
const NEW_FILE_MODE = 0o640;
const PERMISSION_BITS = 0o777;
const ENOENT = 2;

/** Bytes free on the file system that holds a path, and how many more files it takes. */
export type FreeSpace = (path: string) => { freeBytes: number; freeFiles: number };

/**
 * `length` bytes of an open file from `offset` on. `ended` is called once, when the file was closed: at the end, when
 * reading failed or is given up, or when `signal` came.
 */
export function streamOf(
  file: OpenFile,
  offset: number,
  length: number,
  signal: AbortSignal,
  ended: () => void,
): ReadableStream<Uint8Array> {
  let at = offset;
  const last = offset + length;
  const end = (): void => {
    signal.removeEventListener("abort", leave);
    file.close();
    ended();
  };
  // A descriptor that is closed under a read could by then be another file's: the read is let finish.
  let isReading = false;
  const leave = (): void => {
    if (!isReading) end();
  };
  signal.addEventListener("abort", leave, { once: true });
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          signal.throwIfAborted();
          const chunk = new Uint8Array(Math.min(CHUNK_BYTES, last - at));
          isReading = true;
          const { bytesRead } = await readBytes(file.fd, chunk, 0, chunk.length, at);
          isReading = false;
          at += bytesRead;
          if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead));
          signal.throwIfAborted();
          if (bytesRead > 0 && at < last) return;
          end();
          controller.close();
        } catch (error) {
          isReading = false;
          end();
          controller.error(error);
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}

/**
 * Adds what the stream gives to the end of an open file; how large it is then.
 * @throws AppError `body_too_large`, `storage_full`
 */
export async function appendStream(
  file: OpenFile,
  sizeBytes: number,
  source: ReadableStream<Uint8Array>,
  freeSpace: FreeSpace,
): Promise<number> {
  return copy(source, file, sizeBytes, freeSpace);
}

/**
 * Writes a file so that it is either as before or whole: into a new file of the same folder, to the disk, then under
 * its name. What is replaced keeps its owner and permissions. A crash leaves a file `.binnacle-….part` behind.
 * @throws AppError `body_too_large`, `storage_full`; FileCallError
 */
export async function replaceFile(
  folder: OpenFile,
  name: string,
  source: ReadableStream<Uint8Array>,
  freeSpace: FreeSpace,
): Promise<number> {
  requireRoom(folder, freeSpace);
  const part = `.binnacle-${newId()}.part`;
  using file = openBeneath(folder, part, OPEN.create, NEW_FILE_MODE);
  try {
    likeBefore(folder, name, file);
    const sizeBytes = await copy(source, file, 0, freeSpace);
    await syncToDisk(file.fd);
    renameWithin(folder, part, name);
    return sizeBytes;
  } catch (error) {
    removeWithin(folder, part, false);
    throw error;
  }
}

/** @throws AppError `invalid_request` when something else than a file stands there */
function likeBefore(folder: OpenFile, name: string, file: OpenFile): void {
  try {
    using before = openBeneath(folder, name, OPEN.look);
    const { mode, uid, gid, ...facts } = fstatSync(before.fd);
    if ((mode & 0o170_000) !== 0o100_000) {
      throw new AppError("invalid_request", `${name} is not a plain file (${facts.size} bytes).`);
    }
    if (process.getuid?.() === 0) fchownSync(file.fd, uid, gid);
    fchmodSync(file.fd, mode & PERMISSION_BITS);
  } catch (error) {
    if (!(error instanceof FileCallError) || error.errno !== ENOENT) throw error;
  }
}

async function copy(
  source: ReadableStream<Uint8Array>,
  file: OpenFile,
  startBytes: number,
  freeSpace: FreeSpace,
): Promise<number> {
  let sizeBytes = startBytes;
  let nextLookBytes = startBytes;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_FILE_BYTES) {
      throw new AppError("body_too_large", `A plugin writes files of at most ${MAX_FILE_BYTES} bytes.`);
    }
    if (sizeBytes >= nextLookBytes) {
      requireRoom(file, freeSpace);
      nextLookBytes = sizeBytes + LOOK_EVERY_BYTES;
    }
    for (let from = 0; from < chunk.length; ) {
      const { bytesWritten } = await writeBytes(file.fd, chunk, from, chunk.length - from, null);
      from += bytesWritten;
    }
  }
  return sizeBytes;
}

/**
 * The last of a disk belongs to the server, which cannot let anybody in without it. Asked before a file is made: an empty one
 * takes its place too.
 * @throws AppError `storage_full`
 */
export function requireRoom(place: OpenFile, freeSpace: FreeSpace): void {
  const { freeBytes, freeFiles } = freeSpace(`/proc/self/fd/${place.fd}`);
  if (freeBytes >= MIN_FREE_BYTES && freeFiles >= MIN_FREE_FILES) return;
  const least = `${MIN_FREE_BYTES} bytes or ${MIN_FREE_FILES} files`;
  throw new AppError("storage_full", `Plugins write nothing while there is room for less than ${least}.`);
}
