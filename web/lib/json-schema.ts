import { foreignText } from "./foreign-text.ts";

/** Deepest nesting that is drawn as fields; what lies below is edited as JSON. */
const MAX_DEPTH = 5;
const MAX_FIELDS = 100;
const MAX_CHOICES = 200;
const MAX_REFERENCES = 8;
/** Text that may be longer than this is given several lines. */
const LONG_TEXT = 4_096;

export type FieldKind = "text" | "number" | "integer" | "boolean" | "choice" | "list" | "group" | "json";

/** One place of a form, as its JSON Schema describes it. */
export interface SchemaField {
  kind: FieldKind;
  title: string;
  description: string;
  isRequired: boolean;
  /** Write-only: what it holds is never shown. */
  isSecret: boolean;
  isReadOnly: boolean;
  isLong: boolean;
  /** Undefined when there is none. */
  default: unknown;
  format: string;
  pattern: string | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
  above: number | undefined;
  below: number | undefined;
  multipleOf: number | undefined;
  minLength: number | undefined;
  maxLength: number | undefined;
  minItems: number | undefined;
  maxItems: number | undefined;
  hasUniqueItems: boolean;
  choices: readonly unknown[];
  /** What to call the choices, by position (`enumNames`); a choice without one is written as it is. */
  choiceNames: readonly string[];
  /** Of a list. */
  item: SchemaField | undefined;
  /** Of a group. */
  fields: readonly { name: string; field: SchemaField }[];
}

type Schema = Readonly<Record<string, unknown>>;

interface Place {
  name: string;
  isRequired: boolean;
  depth: number;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const numberAt = (schema: Schema, key: string): number | undefined => {
  const value = schema[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};
const textAt = (schema: Schema, key: string): string => {
  const value = schema[key];
  return typeof value === "string" ? value : "";
};

/** Reads a JSON Schema of draft 2020-12 as a form; whatever cannot be drawn as fields becomes one of JSON. */
export function readSchema(schema: unknown): SchemaField {
  return new SchemaReader(schema).read(schema, { name: "", isRequired: true, depth: 0 });
}

class SchemaReader {
  readonly #root: unknown;

  constructor(root: unknown) {
    this.#root = root;
  }

  read(source: unknown, place: Place): SchemaField {
    const schema = this.#resolved(source);
    const kind = place.depth > MAX_DEPTH ? "json" : kindOf(schema);
    return {
      ...limitsOf(schema),
      kind,
      title: foreignText(textAt(schema, "title") || place.name),
      description: foreignText(textAt(schema, "description"), 1_000),
      isRequired: place.isRequired,
      isSecret: schema.writeOnly === true || textAt(schema, "format") === "password",
      isReadOnly: schema.readOnly === true,
      isLong: textAt(schema, "format") === "" && (numberAt(schema, "maxLength") ?? 0) > LONG_TEXT,
      choices: kind === "choice" ? choicesOf(schema) : [],
      choiceNames: kind === "choice" ? choiceNamesOf(schema) : [],
      item:
        kind === "list"
          ? this.read(schema.items, { name: "", isRequired: true, depth: place.depth + 1 })
          : undefined,
      fields: kind === "group" ? this.#fieldsOf(schema, place.depth + 1) : [],
    };
  }

  #fieldsOf(schema: Schema, depth: number): SchemaField["fields"] {
    const required = Array.isArray(schema.required) ? schema.required : [];
    const properties = isSchema(schema.properties) ? schema.properties : {};
    return Object.entries(properties)
      .slice(0, MAX_FIELDS)
      .map(([name, property]) => ({
        name,
        field: this.read(property, { name, isRequired: required.includes(name), depth }),
      }));
  }

  /** Follows references within the schema; one that leads nowhere, or in a circle, is anything at all. */
  #resolved(source: unknown): Schema {
    let schema = isSchema(source) ? source : {};
    for (let step = 0; typeof schema.$ref === "string"; step++) {
      const target = step < MAX_REFERENCES ? this.#at(schema.$ref) : undefined;
      if (!isSchema(target)) return {};
      const { $ref: _followed, ...beside } = schema;
      schema = { ...target, ...beside };
    }
    return schema;
  }

  #at(reference: string): unknown {
    if (!reference.startsWith("#/")) return undefined;
    let target: unknown = this.#root;
    for (const part of reference.slice(2).split("/")) {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (!isSchema(target) || !Object.hasOwn(target, name)) return undefined;
      target = target[name];
    }
    return target;
  }
}

function kindOf(schema: Schema): FieldKind {
  const { type } = schema;
  if (["oneOf", "anyOf", "allOf", "not", "if"].some((keyword) => keyword in schema)) return "json";
  if (Array.isArray(schema.enum) && schema.enum.length <= MAX_CHOICES) return "choice";
  if (type === "string") return "text";
  if (type === "number" || type === "integer" || type === "boolean") return type;
  if (type === "array") return isSchema(schema.items) ? "list" : "json";
  const isOpen = !isSchema(schema.properties) || isSchema(schema.additionalProperties);
  return (type === "object" || (type === undefined && isSchema(schema.properties))) && !isOpen
    ? "group"
    : "json";
}

const choicesOf = (schema: Schema): readonly unknown[] =>
  Array.isArray(schema.enum)
    ? schema.enum.filter((choice) => typeof choice !== "object" || choice === null)
    : [];

const choiceNamesOf = (schema: Schema): readonly string[] =>
  Array.isArray(schema.enumNames) && schema.enumNames.length === choicesOf(schema).length
    ? schema.enumNames.map((name) => foreignText(String(name)))
    : [];

function limitsOf(schema: Schema) {
  return {
    default: schema.default,
    format: textAt(schema, "format"),
    pattern: textAt(schema, "pattern") || undefined,
    minimum: numberAt(schema, "minimum"),
    maximum: numberAt(schema, "maximum"),
    above: numberAt(schema, "exclusiveMinimum"),
    below: numberAt(schema, "exclusiveMaximum"),
    multipleOf: numberAt(schema, "multipleOf"),
    minLength: numberAt(schema, "minLength"),
    maxLength: numberAt(schema, "maxLength"),
    minItems: numberAt(schema, "minItems"),
    maxItems: numberAt(schema, "maxItems"),
    hasUniqueItems: schema.uniqueItems === true,
  };
}
