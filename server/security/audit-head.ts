import { open, readFile, rename } from "node:fs/promises";
import { errorCodeOf } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { type ChainPosition, positionSignature } from "./audit-chain.ts";

/** What the file says. */
export type HeadReading =
  | { kind: "absent" }
  /** Somebody else wrote it, or the disk lost part of it. */
  | { kind: "broken" }
  | ({ kind: "sound" } & ChainPosition);

const FILE_MODE = 0o600;
const MAX_FILE_LENGTH = 1_024;

/**
 * The newest position of the chain, signed, in a file beside the database: whoever cuts the newest rows off the
 * database, with all its counters, is found by it. It is written after the commit, so it may be a moment behind, never
 * ahead. While one write is under way, later positions wait and only the newest of them is written.
 */
export class AuditHead {
  readonly #path: string;
  readonly #key: Uint8Array;
  readonly #clock: Clock;
  #pending: ChainPosition | undefined;
  #writing: Promise<void> | undefined;
  #failure: unknown;

  constructor(path: string, key: Uint8Array, clock: Clock) {
    this.#path = path;
    this.#key = key;
    this.#clock = clock;
  }

  async read(): Promise<HeadReading> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if (errorCodeOf(error) === "ENOENT") return { kind: "absent" };
      throw error;
    }
    const head = text.length <= MAX_FILE_LENGTH ? parseHead(text) : undefined;
    if (!head || head.signature !== positionSignature(this.#key, "head", head)) return { kind: "broken" };
    return { kind: "sound", seq: head.seq, mac: head.mac };
  }

  /** Takes note of the newest row; returns at once. */
  advance(position: ChainPosition): void {
    this.#pending = position;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Waits until the file stands at the newest row. @throws what kept it from being written. */
  async settle(): Promise<void> {
    if (this.#pending && !this.#writing) this.advance(this.#pending);
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #writeAll(): Promise<void> {
    while (this.#pending) {
      const position = this.#pending;
      try {
        await this.#write(position);
        this.#failure = undefined;
      } catch (error) {
        // The position stays pending: the next row, or settle, tries again.
        this.#failure = error;
        return;
      }
      if (this.#pending === position) this.#pending = undefined;
    }
  }

  async #write({ seq, mac }: ChainPosition): Promise<void> {
    const head = { seq, mac, at: this.#clock.now() };
    const text = JSON.stringify({ ...head, signature: positionSignature(this.#key, "head", head) });
    const partial = `${this.#path}.partial`;
    const file = await open(partial, "w", FILE_MODE);
    try {
      await file.writeFile(`${text}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(partial, this.#path);
  }
}

function parseHead(text: string): (ChainPosition & { at: number; signature: string }) | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { seq, mac, at, signature } = value as Record<string, unknown>;
    const isWhole = typeof seq === "number" && typeof mac === "string" && typeof at === "number";
    return isWhole && typeof signature === "string" ? { seq, mac, at, signature } : undefined;
  } catch {
    return undefined;
  }
}
