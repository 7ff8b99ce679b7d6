import { expect, test } from "bun:test";
import { ShortcutReader } from "../../../web/shell/shortcuts.ts";

const press = (key: string, change: { ctrlKey?: boolean; metaKey?: boolean } = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...change,
});

test("Ctrl K and ⌘ K search, also while typing; single keys do not disturb typing", () => {
  const reader = new ShortcutReader();
  expect(reader.read(press("k", { ctrlKey: true }), true, 0)).toBe("search");
  expect(reader.read(press("K", { metaKey: true }), false, 0)).toBe("search");
  expect(reader.read(press("?"), true, 0)).toBeUndefined();
  expect(reader.read(press("?"), false, 0)).toBe("help");
});

test("two keys in a row go somewhere, unless too slow", () => {
  const reader = new ShortcutReader();
  expect(reader.read(press("g"), false, 0)).toBeUndefined();
  expect(reader.read(press("m"), false, 1000)).toBe("metrics");
  reader.read(press("g"), false, 2000);
  expect(reader.read(press("m"), false, 4000)).toBeUndefined();
});
