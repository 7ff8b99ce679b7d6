import { formatBytes, formatDuration } from "../../lib/quantities.ts";
import type { Plugin } from "../../plugins/model.ts";
import type { Terminal } from "../terminal.ts";
import { healthText, stateText } from "./words.ts";

/** Everything the screen shows. */
export interface TopScreen {
  plugins: readonly Plugin[];
  /** Id of the plugin that verbs act on; undefined when there is none. */
  selected: string | undefined;
  /** What the last verb led to, or why the server does not answer. */
  message: string;
  isFailure: boolean;
  target: string;
  /** Of the terminal. */
  columns: number;
  rows: number;
}

const KEYS = "↑ ↓ select   ENTER start or resume   SPACE pause   DELETE stop   q quit";
/** Title, heading, message and keys. */
const FRAME_ROWS = 4;
const FIXED_COLUMNS = ["STATE", "HEALTH", "UPTIME", "CALLS", "ERR", "CPU %", "MEMORY"];
/** The longest states and healths fit; what is longer in the others is cut. */
const WIDTHS = [11, 9, 10, 6, 4, 5, 9];
const GAP = 1;
const MARK = 2;
const MIN_NAME = 8;
/** Control characters, and those that turn the direction of writing: ids and messages come from outside. */
const UNPRINTABLE = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
// Escape sequences that picocolors writes.
const COLOUR = new RegExp(`${"\u001b"}\\[[0-9;]*m`, "g");

/** The lines of the whole screen: as many as the terminal has rows, none wider than it has columns. */
export function drawTop(screen: TopScreen, { colours }: Pick<Terminal, "colours">): string[] {
  const { plugins, columns, rows, message, isFailure, target } = screen;
  const room = Math.max(1, rows - FRAME_ROWS);
  const first = firstShown(screen, room);
  const shown = plugins.slice(first, first + room);
  const hidden = plugins.length - shown.length;
  const title = `Binnacle plugins at ${target}   ${plugins.length} in all${hidden > 0 ? `, ${hidden} more beyond the screen` : ""}`;
  const body = shown.map((plugin) => rowOf(plugin, plugin.id === screen.selected, columns, { colours }));
  const empty = plugins.length === 0 ? [clipped("  There are no plugins.", columns)] : [];
  const lines = [
    colours.bold(clipped(title, columns)),
    colours.dim(clipped(heading(columns), columns)),
    ...body,
    ...empty,
  ];
  const blank = Array.from({ length: Math.max(0, rows - lines.length - 2) }, () => "");
  const told = clipped(message, columns);
  return [
    ...lines,
    ...blank,
    isFailure ? colours.red(told) : told,
    colours.dim(clipped(KEYS, columns)),
  ].slice(-rows);
}

/** Keeps the selected plugin on the screen. */
function firstShown({ plugins, selected }: TopScreen, room: number): number {
  const index = Math.max(
    0,
    plugins.findIndex(({ id }) => id === selected),
  );
  return Math.min(Math.max(0, plugins.length - room), Math.max(0, index - room + 1));
}

const nameWidth = (columns: number): number =>
  Math.max(MIN_NAME, columns - MARK - WIDTHS.reduce((sum, width) => sum + width + GAP, 0));

const heading = (columns: number): string =>
  `  ${"NAME".padEnd(nameWidth(columns))} ${FIXED_COLUMNS.map((title, index) => title.padEnd(WIDTHS[index] ?? 0)).join(" ")}`;

function rowOf(
  plugin: Plugin,
  isSelected: boolean,
  columns: number,
  terminal: Pick<Terminal, "colours">,
): string {
  const cells = [
    stateText(plugin, terminal),
    healthText(plugin, terminal),
    plugin.pid === null ? "–" : formatDuration(plugin.uptimeSeconds),
    String(plugin.calls),
    String(plugin.errors),
    plugin.cpuPercent === null ? "–" : plugin.cpuPercent.toFixed(1),
    plugin.memoryBytes === null ? "–" : formatBytes(plugin.memoryBytes),
  ];
  const name = fitted(clipped(plugin.id, nameWidth(columns)), nameWidth(columns));
  const row = `${isSelected ? "> " : "  "}${name} ${cells.map((cell, index) => cellOf(cell, WIDTHS[index] ?? 0)).join(" ")}`;
  if (!isSelected) return columns >= Bun.stringWidth(row) ? row : clipped(row, columns);
  return terminal.colours.inverse(fitted(clipped(row, columns), columns));
}

/** Colours go when a line has to be cut: half an escape sequence would colour the rest. */
function clipped(text: string, columns: number): string {
  const plain = text.replace(COLOUR, "").replace(UNPRINTABLE, "�");
  if (Bun.stringWidth(plain) <= columns) return plain;
  let cut = "";
  for (const character of plain) {
    if (Bun.stringWidth(cut + character) > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

const cellOf = (text: string, width: number): string =>
  fitted(Bun.stringWidth(text) > width ? clipped(text, width) : text, width);

const fitted = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
