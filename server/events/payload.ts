/** Limits on what an event may carry, whoever sends it. They bound what a registered schema can cost, too. */
const PAYLOAD_LIMITS = { sizeBytes: 65_536, depth: 16, listLength: 1_000, keys: 1_000 } as const;

/**
 * Writes a payload as JSON, or says in a sentence why it cannot be one.
 * A value that JSON cannot hold (a function, a circle, a bigint) is refused, never silently dropped.
 */
export function writePayload(payload: unknown): { text: string } | { refused: string } {
  const refused = refusalOf(payload, 0);
  if (refused !== undefined) return { refused };
  const text = JSON.stringify(payload);
  const sizeBytes = Buffer.byteLength(text);
  return sizeBytes <= PAYLOAD_LIMITS.sizeBytes
    ? { text }
    : { refused: `has ${sizeBytes} bytes; an event carries at most ${PAYLOAD_LIMITS.sizeBytes}` };
}

function refusalOf(value: unknown, depth: number): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number")
    return Number.isFinite(value) ? undefined : "holds a number that JSON cannot write";
  if (typeof value !== "object") return `holds a ${typeof value}, which JSON cannot write`;
  if (depth >= PAYLOAD_LIMITS.depth) return `nests more than ${PAYLOAD_LIMITS.depth} levels`;
  const isList = Array.isArray(value);
  const items: unknown[] = isList ? value : Object.values(value);
  const limit = isList ? PAYLOAD_LIMITS.listLength : PAYLOAD_LIMITS.keys;
  if (items.length > limit)
    return `holds more than ${limit} ${isList ? "items in a list" : "fields in an object"}`;
  for (const item of items) {
    // An absent optional field is left out by JSON as it should be.
    if (item === undefined && !isList) continue;
    const refused = refusalOf(item, depth + 1);
    if (refused !== undefined) return refused;
  }
  return undefined;
}
