/** Lists and maps within each other, as protobuf allows them without end. */
const MAX_DEPTH = 16;
/** Attributes of one item that are read. */
const MAX_ATTRIBUTES = 128;
const HEX_ID = /^[0-9a-f]{16}(?:[0-9a-f]{16})?$/i;
const NOTHING_BUT_ZEROS = /^0*$/;
const NS_PER_MS = 1_000_000n;
const MAX_EPOCH_MS = 8_640_000_000_000_000n;

/** Whether `value` is a JSON object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The items of a repeated field; none when it is absent, undefined when it is something else. */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : undefined;
}

/** Attributes of OTLP as a plain object; what is no attribute is left out. */
export function readAttributes(value: unknown): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const item of (itemsOf(value) ?? []).slice(0, MAX_ATTRIBUTES)) {
    if (isRecord(item) && typeof item.key === "string" && item.key !== "__proto__") {
      attributes[item.key] = readAnyValue(item.value);
    }
  }
  return attributes;
}

/** The value within an `AnyValue`; undefined when there is none. */
export function readAnyValue(value: unknown, depth = 0): unknown {
  if (!isRecord(value) || depth > MAX_DEPTH) return undefined;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  if (typeof stringValue === "string") return stringValue;
  if (typeof boolValue === "boolean") return boolValue;
  if (intValue !== undefined) return readInteger(intValue);
  if (typeof doubleValue === "number") return doubleValue;
  if (isRecord(arrayValue))
    return (itemsOf(arrayValue.values) ?? []).map((item) => readAnyValue(item, depth + 1));
  if (isRecord(kvlistValue)) return readMap(kvlistValue.values, depth);
  return typeof bytesValue === "string" ? bytesValue : undefined;
}

function readMap(values: unknown, depth: number): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const item of (itemsOf(values) ?? []).slice(0, MAX_ATTRIBUTES)) {
    if (isRecord(item) && typeof item.key === "string" && item.key !== "__proto__") {
      map[item.key] = readAnyValue(item.value, depth + 1);
    }
  }
  return map;
}

/** A number where it holds the value exactly, else its digits. */
function readInteger(value: unknown): number | string | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^-?\d{1,20}$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Epoch milliseconds, with fractions, of nanoseconds as a text or number; undefined for none and for zero. */
export function readNanoseconds(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^\d{1,20}$/.test(text)) return undefined;
  const nanoseconds = BigInt(text);
  if (nanoseconds === 0n || nanoseconds / NS_PER_MS > MAX_EPOCH_MS) return undefined;
  return Number(nanoseconds) / Number(NS_PER_MS);
}

/** A trace or span id in lower-case hexadecimal; undefined for what is none, or nothing but zeros. */
export function readId(value: unknown): string | undefined {
  if (typeof value !== "string" || !HEX_ID.test(value) || NOTHING_BUT_ZEROS.test(value)) return undefined;
  return value.toLowerCase();
}
