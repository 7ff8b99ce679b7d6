/** Where a value stands inside another: names of properties, positions in lists. */
export type JsonPath = readonly (string | number)[];

/** The path as a JSON pointer (RFC 6901): `/smtp/hosts/0`. */
export const pointerOf = (path: JsonPath): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The value at a path; undefined when there is none. Inherited properties are none. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** A copy with another value at a path; `undefined` takes the property away. Groups on the way are made where they lack. */
export function withValueAt(root: unknown, path: JsonPath, value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (typeof part === "number") {
    const list: unknown[] = Array.isArray(root) ? [...root] : [];
    list[part] = withValueAt(list[part], rest, value);
    return list;
  }
  const group = typeof root === "object" && root !== null && !Array.isArray(root) ? root : {};
  const inner = withValueAt(valueAt(group, [part]), rest, value);
  const others = Object.entries(group).filter(([name]) => name !== part);
  return Object.fromEntries(inner === undefined ? others : [...others, [part, inner]]);
}

/** The pointer that a server's path means: `/values/a/b`, `values.a.b` and `a[0].b` are all understood. */
export function pointerFrom(path: string, prefix = ""): string {
  const parts = path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(path.startsWith("/") ? "/" : ".")
    .filter((part) => part !== "");
  const isPrefixed = prefix !== "" && parts[0] === prefix;
  return (isPrefixed ? parts.slice(1) : parts).map((part) => `/${part}`).join("");
}

/** One value that differs between two: its pointer, before and after; undefined where it lacks. */
export interface JsonChange {
  pointer: string;
  before: unknown;
  after: unknown;
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What differs, group by group; lists count as one value. */
export function changesBetween(before: unknown, after: unknown, path: JsonPath = []): JsonChange[] {
  if (isGroup(before) && isGroup(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      changesBetween(valueAt(before, [name]), valueAt(after, [name]), [...path, name]),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [{ pointer: pointerOf(path), before, after }];
}
