import { AppError } from "../errors/app-error.ts";

const MAX_KEY_LENGTH = 2048;
const MAX_LABELS = 32;
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** Prometheus keeps names that begin with two underscores to itself; refusing them also refuses `__proto__`. */
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The base units a series can have; the name's suffix repeats it for the reader. */
export type SeriesUnit =
  | "percent"
  | "bytes"
  | "bytes_per_second"
  | "seconds"
  | "count"
  | "per_second"
  | "ratio";

export type SeriesLabels = Readonly<Record<string, string>>;

/** What a series is, apart from its values. `key` identifies it everywhere: API, URLs, store. */
export interface SeriesDefinition {
  readonly key: string;
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly unit: SeriesUnit;
  /** One sentence for people: what a value means. */
  readonly help: string;
}

/**
 * The canonical key of a series in Prometheus notation: `name`, or `name{a="b",c="d"}` with labels sorted by
 * name (code units) and `\`, `"` and line feeds in values escaped.
 */
export function seriesKey(name: string, labels: SeriesLabels): string {
  const names = Object.keys(labels);
  if (names.length === 0) return name;
  names.sort();
  return `${name}{${names.map((label) => `${label}="${escapeLabelValue(labels[label] ?? "")}"`).join(",")}}`;
}

/**
 * Reads a key back into name and labels. Labels may come in any order; `seriesKey` of the result is canonical.
 * @throws AppError `invalid_request` when the text is no series key; the sentence says at which character.
 */
export function parseSeriesKey(key: string): { name: string; labels: SeriesLabels } {
  if (key.length > MAX_KEY_LENGTH) {
    throw malformed(key, `it is longer than ${MAX_KEY_LENGTH} characters`);
  }
  const brace = key.indexOf("{");
  const name = brace === -1 ? key : key.slice(0, brace);
  if (!METRIC_NAME.test(name)) throw malformed(key, "it does not begin with a metric name");
  return { name, labels: brace === -1 ? {} : parseLabels(key, brace + 1) };
}

/**
 * Makes the definition of a series: call once and keep it, a tick then only pairs it with a value.
 * The result is frozen, so that it can be shared by every reader.
 */
export function defineSeries(
  name: string,
  labels: SeriesLabels,
  unit: SeriesUnit,
  help: string,
): SeriesDefinition {
  return Object.freeze({
    key: seriesKey(name, labels),
    name,
    labels: Object.freeze({ ...labels }),
    unit,
    help,
  });
}

function parseLabels(key: string, start: number): SeriesLabels {
  const labels: Record<string, string> = {};
  let at = start;
  while (key[at] !== "}") {
    const equals = key.indexOf('="', at);
    const label = key.slice(at, equals === -1 ? key.length : equals);
    if (!LABEL_NAME.test(label)) throw malformed(key, `a label name is expected at character ${at}`);
    if (Object.hasOwn(labels, label)) throw malformed(key, `the label ${label} comes twice`);
    if (Object.keys(labels).length === MAX_LABELS) {
      throw malformed(key, `it has more than ${MAX_LABELS} labels`);
    }
    const { value, end } = parseLabelValue(key, equals + 2);
    labels[label] = value;
    at = end;
    if (key[at] === ",") at += 1;
    else if (key[at] !== "}") throw malformed(key, `"," or "}" is expected at character ${at}`);
  }
  if (at !== key.length - 1) throw malformed(key, `it goes on after the closing brace at character ${at}`);
  return labels;
}

function parseLabelValue(key: string, start: number): { value: string; end: number } {
  let value = "";
  for (let at = start; at < key.length; at += 1) {
    const character = key.charAt(at);
    if (character === '"') return { value, end: at + 1 };
    if (character !== "\\") {
      value += character;
      continue;
    }
    at += 1;
    const escaped = key.charAt(at);
    if (escaped === "n") value += "\n";
    else if (escaped === "\\" || escaped === '"') value += escaped;
    else throw malformed(key, `there is an unknown escape at character ${at - 1}`);
  }
  throw malformed(key, `the label value that begins at character ${start} has no closing quote`);
}

function escapeLabelValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function malformed(key: string, reason: string): AppError {
  return new AppError("invalid_request", `${JSON.stringify(key.slice(0, 120))} is no series key: ${reason}.`);
}
