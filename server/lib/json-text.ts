/**
 * A value as the JSON text that it arrived in, looked through and not parsed: whoever only passes it on needs no value.
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The value; parsed anew each time. */
  value(): unknown {
    return JSON.parse(this.text);
  }

  /** For whoever writes it as JSON within something else and does not know {@link jsonOf}. */
  toJSON(): unknown {
    return this.value();
  }
}

/** The value of what may be a text, for those who need one. */
export const parsedOf = (given: unknown): unknown => (given instanceof JsonText ? given.value() : given);

/** As `JSON.stringify`; a {@link JsonText}, by itself or as a property of the object, is put in as it is. */
export function jsonOf(value: unknown): string {
  if (value instanceof JsonText) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (!Object.values(value).some((one) => one instanceof JsonText)) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => `${JSON.stringify(name)}:${jsonOf(one)}`);
  return `{${fields.join(",")}}`;
}
