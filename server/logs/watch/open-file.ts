import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { AppError } from "../../errors/app-error.ts";

/** Bytes by which a file is known again. */
const FINGERPRINT_BYTES = 256;

/** What the file system says of an open file. */
export interface FileFacts {
  inode: string;
  sizeBytes: number;
}

/** An open file: read at any place, and known by its first bytes. */
export class OpenFile implements AsyncDisposable {
  readonly inode: string;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, inode: string) {
    this.#handle = handle;
    this.inode = inode;
  }

  /** @throws AppError `invalid_request` for what is no regular file; what the file system throws. */
  static async open(path: string): Promise<OpenFile> {
    // A pipe without a writer would otherwise hold the opening for ever.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat({ bigint: true });
    if (facts.isFile()) return new OpenFile(handle, `${facts.dev}:${facts.ino}`);
    await handle.close();
    throw new AppError("invalid_request", `${path} is not a regular file.`);
  }

  async sizeBytes(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** At most `length` bytes from `offset` on; fewer at the end. */
  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** Hash of the first `length` bytes, by default of as many as there are up to a few hundred. */
  async fingerprint(length = FINGERPRINT_BYTES): Promise<{ fingerprint: string; fingerprintBytes: number }> {
    const start = await this.read(0, Math.min(length, FINGERPRINT_BYTES));
    const fingerprint = new Bun.CryptoHasher("sha256").update(start).digest("hex");
    return { fingerprint, fingerprintBytes: start.length };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#handle.close();
  }
}
