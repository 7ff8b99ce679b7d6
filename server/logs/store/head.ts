import { BLOCK_CHARACTERS, BLOCK_LINES, type Lines } from "./block.ts";
import type { Marks } from "./marks.ts";

/** A line as it goes into columns. */
export interface ColumnLine {
  at: number;
  level: number;
  sourceId: number;
  /** See `text.ts`. */
  text: string;
}

/** The newest lines, which fill no block yet. Bounded: who fills it begins another. */
export class Head {
  readonly firstId: number;
  #lines: ColumnLine[] = [];
  #characters = 0;

  constructor(firstId: number) {
    this.firstId = firstId;
  }

  get size(): number {
    return this.#lines.length;
  }

  /** The number that the next line gets. */
  get nextId(): number {
    return this.firstId + this.#lines.length;
  }

  get isFull(): boolean {
    return this.#lines.length >= BLOCK_LINES || this.#characters >= BLOCK_CHARACTERS;
  }

  put(lines: readonly ColumnLine[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#characters += line.text.length;
    }
  }

  /** How many of the lines, from `start` on, have room: the last of them may fill the block. */
  roomFor(lines: readonly ColumnLine[], start: number): number {
    let characters = this.#characters;
    let count = 0;
    while (
      start + count < lines.length &&
      this.#lines.length + count < BLOCK_LINES &&
      characters < BLOCK_CHARACTERS
    ) {
      characters += lines[start + count]?.text.length ?? 0;
      count++;
    }
    return count;
  }

  /** All lines as columns. */
  get lines(): Lines {
    return { firstId: this.firstId, marks: marksOf(this.#lines), texts: this.#lines.map(({ text }) => text) };
  }
}

/** Lines as columns. */
export const marksOf = (lines: readonly ColumnLine[]): Marks => ({
  ats: Float64Array.from(lines, ({ at }) => at),
  levels: Uint8Array.from(lines, ({ level }) => level),
  sources: Uint16Array.from(lines, ({ sourceId }) => sourceId),
});
