import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { AppError } from "../../errors/app-error.ts";
import { refuseForeignLinks } from "./foreign-links.ts";

/** Bytes by which a file is known again. */
const FINGERPRINT_BYTES = 256;
/** Linux: takes hold of what a path names without opening it. Opening a device does something to it. */
const O_PATH = 0o10_000_000;

/** An open file: read at any place, and known by its first bytes. */
export class OpenFile implements AsyncDisposable {
  readonly inode: string;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, inode: string) {
    this.#handle = handle;
    this.inode = inode;
  }

  /**
   * @throws AppError `invalid_request` for what is no regular file, or lies behind a link of a stranger; what the file
   *   system throws.
   */
  static async open(path: string): Promise<OpenFile> {
    const held = await open(path, O_PATH);
    try {
      const facts = await held.stat({ bigint: true });
      if (!facts.isFile()) throw new AppError("invalid_request", `${path} is not a regular file.`);
      await refuseForeignLinks(path, facts);
      // The very file that was looked at, whatever the path names by now.
      const handle = await open(`/proc/self/fd/${held.fd}`, constants.O_RDONLY);
      return new OpenFile(handle, `${facts.dev}:${facts.ino}`);
    } finally {
      await held.close();
    }
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
