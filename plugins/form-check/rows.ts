/** What one run fills a form with: name → value. */
export type Row = Record<string, string>;

export const MAX_ROWS = 100;
const MAX_FIELDS = 100;
const MAX_VALUE = 10_000;

/**
 * Rows of a file: a JSON list of objects, or CSV with a heading (RFC 4180).
 * @throws Error that says what is wrong with it
 */
export function rowsOf(text: string, fileName: string): Row[] {
  const rows = fileName.endsWith(".json") ? fromJson(text) : fromCsv(text);
  if (rows.length === 0) throw new Error(`${fileName} holds no row.`);
  if (rows.length > MAX_ROWS) throw new Error(`${fileName} has more than ${MAX_ROWS} rows.`);
  return rows.map((row, index) => checked(row, `${fileName}, row ${index + 1}`));
}

function checked(row: Record<string, unknown>, where: string): Row {
  const entries = Object.entries(row).map(([name, value]): [string, string] => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  if (entries.length > MAX_FIELDS) throw new Error(`${where} has more than ${MAX_FIELDS} fields.`);
  const long = entries.find(([, value]) => value.length > MAX_VALUE);
  if (long) throw new Error(`${where}: "${long[0]}" has more than ${MAX_VALUE} characters.`);
  return Object.fromEntries(entries);
}

function fromJson(text: string): Record<string, unknown>[] {
  const value: unknown = JSON.parse(text);
  const isList =
    Array.isArray(value) &&
    value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row));
  if (!isList) throw new Error("A JSON file of rows is a list of objects.");
  return value;
}

function fromCsv(text: string): Record<string, string>[] {
  const [heading, ...lines] = recordsOf(text.replace(/^\uFEFF/, ""));
  if (!heading) return [];
  return lines.map((line, index) => {
    if (line.length !== heading.length)
      throw new Error(`Row ${index + 1} has ${line.length} fields, the heading ${heading.length}.`);
    return Object.fromEntries(heading.map((name, column) => [name.trim(), line[column] ?? ""]));
  });
}

function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let isQuoted = false;
  const endRecord = (): void => {
    record.push(field);
    field = "";
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[at++];
      else isQuoted = false;
    } else if (character === '"' && field === "") isQuoted = true;
    else if (character === ",") {
      record.push(field);
      field = "";
    } else if (character === "\n") endRecord();
    else if (character !== "\r") field += character;
  }
  if (isQuoted) throw new Error("A quoted field of the CSV file does not end.");
  endRecord();
  return records;
}
