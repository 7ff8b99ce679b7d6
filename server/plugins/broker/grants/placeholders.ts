const PLACEHOLDER = /^\$\{config\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\}$/;
/** Items of a list in the configuration that become grants. */
const MAX_ITEMS = 100;

/** The path in the configuration that a value of a permission stands for: `${config.hosts}` → `hosts`. */
export const placeholderPath = (text: string): string | undefined => PLACEHOLDER.exec(text)?.[1];

/** Whether a value was meant to be a placeholder, well formed or not. */
export const mentionsPlaceholder = (text: string): boolean => text.includes("${");

/**
 * The texts that stand at a path of the configuration: one of a text or number, one an item of a list, none when it is
 * not set. Undefined when something else stands there.
 */
export function textsAt(config: unknown, path: string): string[] | undefined {
  let value: unknown = config;
  for (const word of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, word)) return [];
    value = Object.entries(value).find(([name]) => name === word)?.[1];
  }
  if (value === undefined || value === null || value === "") return [];
  const items: unknown[] = Array.isArray(value) ? value : [value];
  if (items.length > MAX_ITEMS) return undefined;
  const texts = items.flatMap((item) =>
    typeof item === "string" || typeof item === "number" ? [String(item)] : [],
  );
  return texts.length === items.length ? texts : undefined;
}
