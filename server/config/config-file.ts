import { readFileSync } from "node:fs";
import type { LineCounter, Node } from "yaml";
import { errorCodeOf } from "../errors/app-error.ts";
import { yaml } from "../lib/yaml.ts";
import { findStatus } from "./file-status.ts";
import { InvalidConfiguration } from "./invalid-configuration.ts";
import { flatten, type Layer, type LayerKind } from "./layers.ts";
import { BARE_LIST } from "./sections/plugins.ts";

export const MAX_FILE_BYTES = 1_024 * 1_024;
const MAX_ALIASES = 100;
/** Where a JSON file names the schema that its editor checks it by. */
const SCHEMA_HINT = "$schema";

/**
 * Reads a YAML or JSON file (JSON is YAML) as a layer; undefined when there is none.
 * @throws InvalidConfiguration naming file, line and column.
 */
export function fileLayer(path: string, kind: LayerKind, required: boolean): Layer | undefined {
  const text = readText(path, required);
  return text === undefined ? undefined : parseLayer(text, path, kind);
}

/** Parses the text of a configuration file; `origin` names it in errors. @throws InvalidConfiguration */
export function parseLayer(text: string, origin: string, kind: LayerKind): Layer {
  const { LineCounter } = yaml();
  const lines = new LineCounter();
  const { document, content } = readDocument(text, origin, lines);
  if (content === null || content === undefined) return { kind, origin, values: new Map() };
  if (typeof content !== "object" || Array.isArray(content)) {
    const found = Array.isArray(content) ? "a list" : typeof content;
    throw problemAt(origin, 0, lines, `expected settings such as "server:", found ${found}`);
  }
  const positions = new Map<string, { line: number; column: number }>();
  collectPositions(document.contents, "", (key, offset) => {
    const { line, col } = lines.linePos(offset);
    positions.set(key, { line, column: col });
  });
  const values = flatten(withListInSection(content));
  values.delete(SCHEMA_HINT);
  return { kind, origin, values, positions };
}

/** `plugins: [...]` stands for `plugins: { items: [...] }`. */
function withListInSection(content: object): object {
  const { section, key } = BARE_LIST;
  const value: unknown = Reflect.get(content, section);
  return Array.isArray(value) ? { ...content, [section]: { [key]: value } } : content;
}

function readDocument(text: string, origin: string, lines: LineCounter) {
  try {
    const document = yaml().parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: true,
      prettyErrors: false,
    });
    const error = document.errors[0];
    if (error) throw problemAt(origin, error.pos[0], lines, error.message);
    const content: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { document, content };
  } catch (error) {
    if (error instanceof InvalidConfiguration) throw error;
    // Nesting beyond the stack, aliases beyond the limit: thrown instead of listed, and without a place.
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidConfiguration([{ path: "", message: `cannot be read: ${reason}`, origin }], error);
  }
}

function problemAt(
  origin: string,
  offset: number,
  lines: LineCounter,
  message: string,
): InvalidConfiguration {
  const { line, col } = lines.linePos(offset);
  return new InvalidConfiguration([
    { path: "", message, origin, line: Math.max(1, line), column: Math.max(1, col) },
  ]);
}

function readText(path: string, required: boolean): string | undefined {
  const problem = (message: string, cause?: unknown) =>
    new InvalidConfiguration([{ path: "", message, origin: path }], cause);
  try {
    const status = findStatus(path);
    if (!status && !required) return undefined;
    if (status && !status.isFile()) throw problem("this is not a file");
    if (status && status.size > MAX_FILE_BYTES)
      throw problem(`the file is larger than ${MAX_FILE_BYTES} bytes`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof InvalidConfiguration) throw error;
    throw problem(`cannot be read (${errorCodeOf(error)})`, error);
  }
}

function collectPositions(
  node: Node | null,
  prefix: string,
  found: (key: string, offset: number) => void,
): void {
  const { isMap, isScalar, isSeq } = yaml();
  if (!isMap(node)) return;
  for (const pair of node.items) {
    if (!isScalar(pair.key)) continue;
    const key = prefix ? `${prefix}.${pair.key.value}` : String(pair.key.value);
    found(key, pair.key.range?.[0] ?? 0);
    if (key === BARE_LIST.section && isSeq(pair.value))
      found(`${key}.${BARE_LIST.key}`, pair.key.range?.[0] ?? 0);
    collectPositions(pair.value as Node | null, key, found);
  }
}
