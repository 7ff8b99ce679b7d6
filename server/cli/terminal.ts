import pc from "picocolors";

const ESCAPE = "\u001b";
/** What picocolors writes for dim, red, green and yellow, and to end them. */
const OWN_COLOUR = new RegExp(`(${ESCAPE}\\[(?:2|22|31|32|33|39)m)`);
/** Control characters, and those that turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

/** What a command writes to: text for a person, or one JSON document for a program. */
export class Terminal {
  readonly #isJson: boolean;
  readonly #colours: ReturnType<typeof pc.createColors>;

  constructor(options: { json?: boolean | undefined }) {
    this.#isJson = options.json ?? false;
    // picocolors honours NO_COLOR and FORCE_COLOR; a pipe gets plain text.
    this.#colours = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true);
  }

  get isJson(): boolean {
    return this.#isJson;
  }

  get colours(): ReturnType<typeof pc.createColors> {
    return this.#colours;
  }

  /** Writes `value` as JSON under --json, and what `draw` makes of it otherwise. */
  show<T>(value: T, draw: (value: T) => string): void {
    console.log(this.#isJson ? JSON.stringify(value, undefined, 2) : draw(value));
  }

  /** A table with a header; columns are as wide as their widest cell. Without rows, a sentence says so. */
  table(header: readonly string[], given: readonly (readonly string[])[]): string {
    if (given.length === 0) return "Nothing to list.";
    const rows = given.map((row) => row.map(printable));
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
    return cells.map(printable).join("  ");
  }

  /** `name  value` lines. */
  facts(entries: readonly (readonly [name: string, value: string])[]): string {
    const width = Math.max(...entries.map(([name]) => Bun.stringWidth(name)));
    const line = (name: string, value: string) =>
      `${this.#colours.dim(pad(name, width))}  ${printable(value)}`;
    return entries.map(([name, value]) => line(name, value)).join("\n");
  }
}

/** Names come from outside (tokens, mounts, agents): none of them may steer the terminal. */
function printable(text: string): string {
  const parts = text.split(OWN_COLOUR);
  return parts.map((part, index) => (index % 2 === 1 ? part : part.replaceAll(UNPRINTABLE, "�"))).join("");
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
