import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { identityOf, RefusedSource, type SourceFile, type SourceTree, unreadable } from "./source-tree.ts";

/** Does not wait for the other end of a pipe, and follows no link put in place of the file meanwhile. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Reads each file of a plugin once. What is read is what was listed: a file that was exchanged, moved or changed since,
 * by a link above it too, is refused.
 * @throws RefusedSource
 */
export async function readSource(tree: SourceTree): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const file of tree.files) {
    // A hard link could be a file that its maker cannot read, such as one of root's.
    if (file.status.nlink > 1n && file.status.uid !== tree.owner) {
      throw new RefusedSource(file.path, "is a hard link to a file of another owner");
    }
    files.set(file.path, await readListed(file));
  }
  return files;
}

async function readListed(file: SourceFile): Promise<Uint8Array> {
  let handle: FileHandle;
  try {
    handle = await open(file.realPath, OPEN_FLAGS);
  } catch (error) {
    throw unreadable(file.path, error);
  }
  try {
    const bytes = await readUpTo(handle, Number(file.status.size) + 1);
    const status = await handle.stat({ bigint: true });
    const isSame = identityOf({ path: file.path, status }) === identityOf(file);
    const isInPlace = (await openedPath(handle, file.realPath)) === file.realPath;
    if (isSame && isInPlace && BigInt(bytes.length) === file.status.size) return bytes;
    throw new RefusedSource(file.path, "was changed while it was read");
  } catch (error) {
    throw error instanceof RefusedSource ? error : unreadable(file.path, error);
  } finally {
    await handle.close();
  }
}

/** Where the opened file lies, by the kernel's own word: a folder above it may have become a link just for the opening. */
const openedPath = (handle: FileHandle, path: string): Promise<string> =>
  process.platform === "linux" ? readlink(`/proc/self/fd/${handle.fd}`) : realpath(path);

async function readUpTo(handle: FileHandle, sizeBytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(sizeBytes);
  let length = 0;
  while (length < sizeBytes) {
    const { bytesRead } = await handle.read(buffer, length, sizeBytes - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
