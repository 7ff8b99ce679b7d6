import type { Seeded } from "./seeded.ts";

/** Texts that have upset some parser, database or shell. */
const TEXTS = [
  "",
  " ",
  "\0",
  "\u202e\ufeff",
  "\ud800",
  "💥".repeat(300),
  "x".repeat(5_000),
  "' OR 1=1 --",
  "../../etc/passwd",
  "<script>alert(1)</script>",
  "__proto__",
  "constructor",
  "NaN",
  "-0",
  "1e309",
  "9".repeat(400),
  "%00%ff",
  "null",
] as const;

const NUMBERS = [0, -0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324] as const;
const MAX_DEPTH = 4;

/** A JSON value of any shape; most are wrong wherever they are put. */
export function badValue(seeded: Seeded, depth = 0): unknown {
  const kind = seeded.below(depth < MAX_DEPTH ? 8 : 5);
  if (kind === 0) return null;
  if (kind === 1) return seeded.next() < 0.5;
  if (kind === 2) return seeded.pick(NUMBERS);
  if (kind < 5) return badText(seeded);
  const length = seeded.below(4);
  if (kind === 5) return Array.from({ length }, () => badValue(seeded, depth + 1));
  return Object.fromEntries(
    Array.from({ length }, () => [badText(seeded).slice(0, 40), badValue(seeded, depth + 1)]),
  );
}

export const badText = (seeded: Seeded): string => seeded.pick(TEXTS);

/** A JSON text that is broken in one of the ways a client breaks it. */
export function brokenJson(seeded: Seeded, value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  const cut = seeded.below(text.length + 1);
  return seeded.pick([
    text.slice(0, cut),
    `${text}}`,
    `${text.slice(0, cut)}\u0000${text.slice(cut)}`,
    text.replaceAll('"', "'"),
    `\ufeff${text}`,
    "[".repeat(2_000),
    `${'{"a":'.repeat(200)}1${"}".repeat(200)}`,
    `{"a":1,"a":2,"__proto__":{"x":1}}`,
    "",
  ]);
}
