import { AppError } from "../errors/app-error.ts";

const MAX_LENGTH = 200;
const MAX_PATTERNS = 20;
const SHAPE = /^(?:\*\*?|[a-z][a-z0-9_]*)(?:\.(?:\*\*?|[a-z][a-z0-9_]*))*$/;
const ONE = "*";
const ANY = "**";

/** Chooses event types: `*` stands for one word, `**` for any number of words, none included. */
export interface EventPattern {
  readonly text: string;
  matches(type: string): boolean;
}

/** Reads `alert.raised`, `alert.*`, `**`. @throws AppError `validation_failed` */
export function parsePattern(text: string): EventPattern {
  if (text.length > MAX_LENGTH || !SHAPE.test(text)) {
    const issue = {
      path: "types",
      message: `"${text.slice(0, MAX_LENGTH)}" is not a pattern of event types`,
    };
    throw new AppError(
      "validation_failed",
      `${issue.message}; write words joined by dots, * for one word, ** for any.`,
      {
        issues: [issue],
      },
    );
  }
  if (text === ANY) return { text, matches: () => true };
  if (!text.includes(ONE)) return { text, matches: (type) => type === text };
  const words = text.split(".");
  return { text, matches: (type) => wordsMatch(words, type.split(".")) };
}

/** Reads up to 20 patterns. @throws AppError `validation_failed` */
export function parsePatterns(texts: readonly string[]): EventPattern[] {
  if (texts.length > MAX_PATTERNS) {
    const issue = { path: "types", message: `holds at most ${MAX_PATTERNS} patterns` };
    throw new AppError("validation_failed", `types ${issue.message}.`, { issues: [issue] });
  }
  return texts.map(parsePattern);
}

/** Whether any of `patterns` chooses the type; no pattern at all chooses every type. */
export function anyMatches(patterns: readonly EventPattern[], type: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => pattern.matches(type));
}

/** Glob matching with one remembered `**` to come back to: linear for one, never exponential for many. */
function wordsMatch(pattern: readonly string[], words: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let word = 0;
  while (word < words.length) {
    if (pattern[at] === ANY) {
      star = at++;
      resume = word;
    } else if (pattern[at] === ONE || pattern[at] === words[word]) {
      at++;
      word++;
    } else if (star >= 0) {
      at = star + 1;
      word = ++resume;
    } else return false;
  }
  while (pattern[at] === ANY) at++;
  return at === pattern.length;
}
