/** What makes a spreadsheet take a text for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** One row by RFC 4180, its line end included. A text that a spreadsheet would calculate is marked as text. */
export function csvRow(values: readonly unknown[]): string {
  const fields = values.map((value) => {
    if (typeof value === "number") return String(value);
    const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${fields.join()}\r\n`;
}
