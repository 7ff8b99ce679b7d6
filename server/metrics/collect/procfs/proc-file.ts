import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

const FIRST_BUFFER_BYTES = 64 * 1024;
/** Far beyond any file we read; what a stranger kernel puts behind it is left out. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** The folder /proc or a copy of it. All its files share one buffer, because they are read one after another. */
export class ProcFolder {
  readonly root: string;
  #buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  readonly #files: ProcFile[] = [];

  constructor(root: string) {
    this.root = root;
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** A file that is read at every tick and stays open. */
  file(name: string): ProcFile {
    const file = new ProcFile(this.path(name), (descriptor) => this.#readDescriptor(descriptor));
    this.#files.push(file);
    return file;
  }

  /** Reads a file once; undefined when it cannot be read. */
  read(name: string): string | undefined {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(`${this.root}/${name}`, "r");
      return this.#readDescriptor(descriptor);
    } catch {
      return undefined; // gone, or not ours to read: both are everyday answers of /proc
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  /** Reads until there is no more: a short read is not the end, the kernel hands out one page of records at a time. */
  #readDescriptor(descriptor: number): string {
    let size = 0;
    for (;;) {
      const read = readSync(descriptor, this.#buffer, size, this.#buffer.length - size, size);
      size += read;
      if (read === 0 || size === MAX_FILE_BYTES) return this.#buffer.toString("utf8", 0, size);
      if (size === this.#buffer.length) {
        const larger = Buffer.allocUnsafe(Math.min(MAX_FILE_BYTES, this.#buffer.length * 4));
        this.#buffer.copy(larger);
        this.#buffer = larger;
      }
    }
  }
}

/**
 * A file of /proc that stays open: reading it again from its beginning makes the kernel write it anew, and saves
 * the 5 µs that opening and closing cost.
 */
export class ProcFile {
  readonly path: string;
  readonly #readDescriptor: (descriptor: number) => string;
  #descriptor: number | undefined;

  constructor(path: string, readDescriptor: (descriptor: number) => string) {
    this.path = path;
    this.#readDescriptor = readDescriptor;
  }

  /** The whole text, or undefined while it cannot be read; the next call tries to open it again. */
  read(): string | undefined {
    try {
      this.#descriptor ??= openSync(this.path, "r");
      return this.#readDescriptor(this.#descriptor);
    } catch {
      this.close();
      return undefined;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
