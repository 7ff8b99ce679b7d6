import { readFileSync, statSync } from "node:fs";
import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import { flatten, type Layer } from "./layers.ts";
import { ENVIRONMENT_PREFIX, environmentName, SETTINGS, type SettingDefinition } from "./schema.ts";

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_ALIASES = 100;

/**
 * Reads a YAML or JSON file (JSON is YAML) as a layer; undefined when there is none.
 * @throws AppError `invalid_configuration` naming file, line and column.
 */
export function fileLayer(path: string, required: boolean): Layer | undefined {
  const text = readText(path, required);
  return text === undefined ? undefined : parseLayer(text, path);
}

/** Parses the text of a configuration file; `origin` names it in errors. */
export function parseLayer(text: string, origin: string): Layer {
  const lines = new LineCounter();
  const { document, content } = readDocument(text, origin, lines);
  if (content === null || content === undefined) return { origin, values: new Map() };
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new AppError(
      "invalid_configuration",
      `${origin}:1:1: expected settings such as "server:", found ${typeof content}.`,
    );
  }
  const positions = new Map<string, { line: number; column: number }>();
  collectPositions(document.contents, "", (key, offset) => {
    const { line, col } = lines.linePos(offset);
    positions.set(key, { line, column: col });
  });
  return { origin, values: flatten(content), positions };
}

function readDocument(text: string, origin: string, lines: LineCounter) {
  try {
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
    const error = document.errors[0];
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new AppError("invalid_configuration", `${origin}:${line}:${col}: ${error.message}`);
    }
    const content: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { document, content };
  } catch (error) {
    if (error instanceof AppError) throw error;
    // Nesting beyond the stack, aliases beyond the limit: thrown instead of listed, and without a place.
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("invalid_configuration", `${origin} cannot be read: ${reason}`, { cause: error });
  }
}

/** The layer of environment variables: `BINNACLE_SECTION__KEY` and the names each setting lists. */
export function environmentLayer(environment: Readonly<Record<string, string | undefined>>): Layer {
  const values = new Map<string, unknown>();
  for (const setting of SETTINGS) {
    for (const name of [...(setting.schema.env ?? []), environmentName(setting.key)]) {
      const text = environment[name];
      if (text !== undefined) values.set(setting.key, fromText(setting, text));
    }
  }
  const known = new Set(SETTINGS.map((setting) => environmentName(setting.key)));
  for (const name of Object.keys(environment)) {
    if (name.startsWith(ENVIRONMENT_PREFIX) && name.includes("__") && !known.has(name))
      values.set(name, environment[name]);
  }
  return { origin: "environment", values };
}

/** Reads the text form of a setting (environment, command line); what does not parse stays text and fails validation. */
export function fromText(setting: SettingDefinition, text: string): unknown {
  const { type } = setting.schema;
  if (type === "boolean") return TRUTH.get(text.toLowerCase()) ?? text;
  if (type === "integer") return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  if (type === "array")
    return text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  return text;
}

const TRUTH = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

function readText(path: string, required: boolean): string | undefined {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) {
      throw new AppError("invalid_configuration", `${path} is larger than ${MAX_FILE_BYTES} bytes.`);
    }
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (errorCodeOf(error) === "ENOENT" && !required) return undefined;
    throw new AppError(
      "invalid_configuration",
      `Cannot read the configuration file ${path} (${errorCodeOf(error)}).`,
      { cause: error },
    );
  }
}

function collectPositions(
  node: Node | null,
  prefix: string,
  found: (key: string, offset: number) => void,
): void {
  if (!isMap(node)) return;
  for (const pair of node.items) {
    if (!isScalar(pair.key)) continue;
    const key = prefix ? `${prefix}.${pair.key.value}` : String(pair.key.value);
    found(key, pair.key.range?.[0] ?? 0);
    collectPositions(pair.value as Node | null, key, found);
  }
}
