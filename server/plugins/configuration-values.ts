type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A field that holds a secret. */
export interface SecretField {
  /** Dotted. */
  path: string;
  /** Whether its value is text; anything else is kept as JSON. */
  isText: boolean;
}

const COMBINING = ["allOf", "anyOf", "oneOf", "if", "then", "else"] as const;

/**
 * The fields of a JSON Schema that hold secrets (`writeOnly`): within plain objects the field itself, anywhere else the
 * whole of what holds it.
 */
export function secretFieldsOf(schema: unknown): SecretField[] {
  if (!isObject(schema)) return [];
  const own = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const dependent = isObject(schema.dependentSchemas) ? Object.values(schema.dependentSchemas) : [];
  const combined = [...COMBINING.flatMap((word) => [schema[word]].flat()), ...dependent].flatMap(
    secretFieldsOf,
  );
  const fields = own.flatMap(([name, field]): SecretField[] => {
    if (!isObject(field) || !holdsSecret(field)) return [];
    const { properties, ...around } = field;
    if (!isObject(properties) || holdsSecret(around)) return [{ path: name, isText: isTextual(field) }];
    return secretFieldsOf(field).map(({ path, isText }) => ({ path: `${name}.${path}`, isText }));
  });
  return [...new Map([...combined, ...fields].map((field) => [field.path, field])).values()];
}

const isTextual = ({ type }: Values): boolean => type === undefined || type === "string";

function holdsSecret(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if ("writeOnly" in schema && schema.writeOnly === true) return true;
  return Object.values(schema).some(holdsSecret);
}

/** What stands at a dotted path; undefined when nothing does. */
export function valueAt(values: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, word) => {
    if (!isObject(value) || !Object.hasOwn(value, word)) return undefined;
    return value[word];
  }, values);
}

/** The values with another at that dotted path; what lies on the way becomes an object. */
export function withValue(values: Values, path: string, value: unknown): Values {
  const [word = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...values, [word]: value };
  const inner = values[word];
  return { ...values, [word]: withValue(isObject(inner) ? inner : {}, rest.join("."), value) };
}

/** The values without what stands at that dotted path. */
export function without(values: Values, path: string): Values {
  const [word = "", ...rest] = path.split(".");
  if (!Object.hasOwn(values, word)) return values;
  const { [word]: inner, ...others } = values;
  if (rest.length === 0) return others;
  return isObject(inner) ? { ...values, [word]: without(inner, rest.join(".")) } : values;
}
