type Plain = string | number | boolean;

/** What a list of `name=value` means; entries that say nothing of the kind are left out. */
export function recordOf(pairs: unknown): Record<string, string> | undefined {
  const entries = linesOf(pairs).flatMap((pair) => {
    const at = pair.indexOf("=");
    return at > 0 ? [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const] : [];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The same with numbers, true and false read as such; in quotation marks they are text. */
export function plainRecordOf(pairs: unknown): Record<string, Plain> | undefined {
  const record = recordOf(pairs);
  return record && Object.fromEntries(Object.entries(record).map(([name, text]) => [name, plainOf(text)]));
}

/** A record as a list of `name=value`. */
export const pairsOf = (record: Readonly<Record<string, Plain>> | undefined): string[] =>
  Object.entries(record ?? {}).map(([name, value]) => `${name}=${writtenOf(value)}`);

/** Labels, whose values are text whatever they look like. */
export const labelPairsOf = (labels: Readonly<Record<string, string>> | undefined): string[] =>
  Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);

/** What is wrong with a list of `name=value`: pointer → words. */
export const pairProblems = (name: string, pairs: unknown): [string, string][] =>
  linesOf(pairs).flatMap((pair, index): [string, string][] =>
    pair.indexOf("=") > 0 ? [] : [[`/${name}/${index}`, "must be written as name=value"]],
  );

const linesOf = (pairs: unknown): string[] =>
  Array.isArray(pairs) ? pairs.filter((pair) => typeof pair === "string") : [];

function plainOf(text: string): Plain {
  if (!/^(-?\d+(\.\d+)?|true|false|".*")$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "number" || typeof value === "boolean" ? value : String(value);
  } catch {
    return text;
  }
}

const writtenOf = (value: Plain): string =>
  typeof value === "string" && plainOf(value) !== value ? JSON.stringify(value) : String(value);
