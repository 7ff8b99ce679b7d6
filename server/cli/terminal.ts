import pc from "picocolors";

const ESCAPE = "\u001b";
/** What picocolors writes for dim, red, green and yellow, and to end them. */
const OWN_COLOUR = new RegExp(`(${ESCAPE}\\[(?:2|22|31|32|33|39)m)`);
/** The same by what ends them. */
const ENDED_BY = {
  22: new RegExp(`${ESCAPE}\\[(2|22)m`, "g"),
  39: new RegExp(`${ESCAPE}\\[(31|32|33|39)m`, "g"),
} as const;
/** Control characters, and those that turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
/** The same, but for line breaks and tabs. */
const UNPRINTABLE_IN_TEXT = /(?![\n\t])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

const JSON_INDENT = 2;

interface TerminalOptions {
  json?: boolean | undefined;
  /** A person reads it as it comes, rather than a file or another program; found out unless said. */
  isScreen?: boolean | undefined;
  hasColours?: boolean | undefined;
}

/** What a command writes to: text for a person, or one JSON document for a program. */
export class Terminal {
  readonly #isJson: boolean;
  readonly #isScreen: boolean;
  readonly #hasColours: boolean;
  readonly #colours: ReturnType<typeof pc.createColors>;

  constructor({ json = false, isScreen = process.stdout.isTTY === true, hasColours }: TerminalOptions) {
    this.#isJson = json;
    this.#isScreen = isScreen;
    // picocolors honours NO_COLOR and FORCE_COLOR; a pipe gets plain text.
    this.#hasColours = hasColours ?? (pc.isColorSupported && isScreen);
    this.#colours = pc.createColors(this.#hasColours);
  }

  get isJson(): boolean {
    return this.#isJson;
  }

  get colours(): ReturnType<typeof pc.createColors> {
    return this.#colours;
  }

  /**
   * Writes `value` as JSON under --json, and what `draw` makes of it otherwise: on a screen without what would steer it, in
   * a file as it is.
   */
  show<T>(value: T, draw: (value: T) => string): void {
    if (this.#isJson) {
      console.log(jsonText(value, JSON_INDENT));
      return;
    }
    const text = draw(value);
    console.log(this.#isScreen ? printable(text, UNPRINTABLE_IN_TEXT, this.#hasColours) : text);
  }

  /** A table with a header; columns are as wide as their widest cell. Without rows, a sentence says so. */
  table(header: readonly string[], given: readonly (readonly string[])[]): string {
    if (given.length === 0) return "Nothing to list.";
    const rows = given.map((row) => row.map((cell) => this.#cell(cell)));
    const widths = header.map((title, column) =>
      Math.max(Bun.stringWidth(title), ...rows.map((row) => Bun.stringWidth(row[column] ?? ""))),
    );
    const line = (cells: readonly string[]) =>
      cells
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join("  ")
        .trimEnd();
    return [this.#colours.dim(line(header.map((title) => title.toUpperCase()))), ...rows.map(line)].join(
      "\n",
    );
  }

  /** One line of cells, for what comes one after another. */
  line(cells: readonly string[]): string {
    return cells.map((cell) => this.#cell(cell)).join("  ");
  }

  /** `name  value` lines. */
  facts(entries: readonly (readonly [name: string, value: string])[]): string {
    const width = Math.max(...entries.map(([name]) => Bun.stringWidth(name)));
    const line = (name: string, value: string) =>
      `${this.#colours.dim(pad(name, width))}  ${this.#cell(value)}`;
    return entries.map(([name, value]) => line(name, value)).join("\n");
  }

  /** Names come from outside (tokens, mounts, agents): none of them may steer the terminal. */
  #cell(text: string): string {
    return printable(text, UNPRINTABLE, this.#hasColours);
  }
}

/** A document for programs that may well be read on a screen: it says the same without what would steer one. */
export const jsonText = (value: unknown, indent = 0): string =>
  (JSON.stringify(value, undefined, indent) ?? "null").replace(
    // JSON escapes the other control characters by itself; the line breaks are ours.
    UNPRINTABLE_IN_TEXT,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Sentences that may hold what others wrote, such as the answer of a service: line breaks and tabs stay. */
export const plainText = (text: string): string => printable(text, UNPRINTABLE_IN_TEXT, false);

/** A text without what steers a terminal; our own colours stay where there are any, and end with the text. */
function printable(text: string, unprintable: RegExp, hasColours: boolean): string {
  if (!hasColours) return text.replaceAll(unprintable, "�");
  const parts = text.split(OWN_COLOUR);
  const clean = parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(unprintable, "�")));
  return [...clean, ...Object.entries(ENDED_BY).map(([end, colours]) => endOf(text, end, colours))].join("");
}

/** What ends a colour that `text` leaves on. */
function endOf(text: string, end: string, colours: RegExp): string {
  const last = [...text.matchAll(colours)].at(-1)?.[1];
  return last === undefined || last === end ? "" : `${ESCAPE}[${end}m`;
}

const pad = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - Bun.stringWidth(text)));

/** `2030-01-31 13:45` in the zone of this machine; `absent` for null. */
export function formatTime(iso: string | null, absent = "–"): string {
  if (iso === null) return absent;
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
