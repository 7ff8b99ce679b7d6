const OPEN = "{{";
const CLOSE = "}}";
const MAX_RESULT = 1_000_000;

/**
 * Puts values where `{{name}}` or `{{person.city}}` stands. Nothing is run: a value is text, numbers are written out,
 * the rest as JSON.
 * @throws Error naming a value that is missing, or a placeholder that does not end
 */
export function fillTemplate(template: string, values: Record<string, unknown>): string {
  let result = "";
  let at = 0;
  for (let start = template.indexOf(OPEN); start >= 0; start = template.indexOf(OPEN, at)) {
    const end = template.indexOf(CLOSE, start);
    if (end < 0) throw new Error(`The placeholder at character ${start} does not end.`);
    result += template.slice(at, start) + valueAt(values, template.slice(start + OPEN.length, end).trim());
    if (result.length > MAX_RESULT) throw new Error(`The result has more than ${MAX_RESULT} characters.`);
    at = end + CLOSE.length;
  }
  return result + template.slice(at);
}

function valueAt(values: unknown, path: string): string {
  let value = values;
  for (const name of path.split(".")) {
    const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    if (!isThere) throw new Error(`There is no value for {{${path}}}.`);
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
