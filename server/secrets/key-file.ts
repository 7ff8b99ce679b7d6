import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { KEY_BYTES } from "./envelope.ts";

const FILE_MODE = 0o600;

/**
 * The file that holds the master key. Its content is replaced in two steps, so that whoever is killed in between leaves
 * one whole key in place and at most one more beside it: {@link stage} writes the new key as `<file>.next`,
 * {@link swap} renames it over the old one, which the file system does at once or not at all.
 */
export class KeyFile {
  readonly path: string;
  readonly #staged: string;
  readonly #partial: string;

  constructor(path: string) {
    this.path = path;
    this.#staged = `${path}.next`;
    this.#partial = `${path}.next.partial`;
  }

  /** The key in force. @throws a system error when the file cannot be read. */
  read(): Uint8Array {
    return Buffer.from(readFileSync(this.path, "utf8").trim(), "base64");
  }

  /** Writes a key in place of none: the file must not be there. */
  create(key: Uint8Array): void {
    writeWhole(this.#partial, key);
    if (existsSync(this.path)) throw new Error(`${this.path} exists already.`);
    this.#rename(this.#partial, this.path);
  }

  /** Writes the key to come beside the one in force, safely on disk. */
  stage(key: Uint8Array): void {
    writeWhole(this.#partial, key);
    this.#rename(this.#partial, this.#staged);
  }

  /** Puts the staged key in force, safely on disk. */
  swap(): void {
    this.#rename(this.#staged, this.path);
  }

  /** Removes what a rotation that was cut short may have left. */
  dropStaged(): void {
    rmSync(this.#partial, { force: true });
    rmSync(this.#staged, { force: true });
  }

  #rename(from: string, to: string): void {
    renameSync(from, to);
    const folder = openSync(dirname(to), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}

function writeWhole(path: string, key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`A master key has ${KEY_BYTES} bytes.`);
  writeFileSync(path, `${Buffer.from(key).toString("base64")}\n`, { mode: FILE_MODE, flush: true });
}
