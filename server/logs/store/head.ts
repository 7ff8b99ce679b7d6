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

/** The newest lines, which are in no block yet. Bounded: what fills a block leaves. */
export class Head {
  firstId: number;
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

  put(line: ColumnLine): void {
    this.#lines.push(line);
    this.#characters += line.text.length;
  }

  /** All lines as columns. */
  get lines(): Lines {
    return { firstId: this.firstId, marks: marksOf(this.#lines), texts: this.#lines.map(({ text }) => text) };
  }

  /** A head that goes on where this one is; the two share nothing that changes. */
  copy(): Head {
    const head = new Head(this.firstId);
    head.#lines = [...this.#lines];
    head.#characters = this.#characters;
    return head;
  }
}

/** Lines as columns. */
export const marksOf = (lines: readonly ColumnLine[]): Marks => ({
  ats: Float64Array.from(lines, ({ at }) => at),
  levels: Uint8Array.from(lines, ({ level }) => level),
  sources: Uint16Array.from(lines, ({ sourceId }) => sourceId),
});
