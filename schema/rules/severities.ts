/** How much an alert matters; the least first. */
export const SEVERITIES = ["LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Words of other systems that are accepted on input. */
const ACCEPTED: Readonly<Record<string, Severity>> = { INFO: "LOW", WARNING: "MEDIUM" };

/** Reads a severity in either case, `INFO` and `WARNING` too; undefined when it is none. */
export function parseSeverity(text: string): Severity | undefined {
  const word = text.toUpperCase();
  return SEVERITIES.find((severity) => severity === word) ?? acceptedWord(word);
}

/** Positive when `a` matters more than `b`. */
export const compareSeverities = (a: Severity, b: Severity): number =>
  SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);

const acceptedWord = (word: string): Severity | undefined =>
  Object.hasOwn(ACCEPTED, word) ? ACCEPTED[word] : undefined;
