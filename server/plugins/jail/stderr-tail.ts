const MAX_LINES = 50;
const MAX_LINE_CHARACTERS = 500;
/** Control and formatting characters: what moves a cursor, changes colours or turns the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The last lines of a stream that is not trusted: bounded in number and length, escaped so that a terminal only shows them. */
export class StderrTail {
  readonly #lines: string[] = [];
  #rest = "";

  /** Reads to the end of the stream; what is not kept is dropped, so that the writer never waits. */
  async follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.#take(decoder.decode(bytes, { stream: true }));
    if (this.#rest !== "") this.#keep(this.#rest);
    this.#rest = "";
  }

  lines(): readonly string[] {
    return this.#rest === "" ? [...this.#lines] : [...this.#lines, printable(this.#rest)].slice(-MAX_LINES);
  }

  #take(text: string): void {
    const pieces = (this.#rest + text).split("\n");
    this.#rest = (pieces.pop() ?? "").slice(0, MAX_LINE_CHARACTERS);
    for (const piece of pieces.slice(-MAX_LINES)) this.#keep(piece);
  }

  #keep(line: string): void {
    this.#lines.push(printable(line));
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }
}

const printable = (line: string): string =>
  line
    .slice(0, MAX_LINE_CHARACTERS)
    .replaceAll(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
