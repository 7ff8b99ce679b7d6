/** What can be suggested; one word a rule. */
export const SUGGESTION_KINDS = [
  "slower_than_before",
  "fails_often",
  "missing_index",
  "plugin_near_limit",
  "cacheable_query",
] as const;
export type SuggestionKind = (typeof SUGGESTION_KINDS)[number];

/** Something that could be better, and what shows it. */
export interface Suggestion {
  kind: SuggestionKind;
  /** What it is about: the name of an operation, a table, a plugin. */
  subject: string;
  /** One sentence: what was seen. */
  finding: string;
  /** One sentence: what to do about it. */
  action: string;
  /** The figures and texts that it rests on. */
  evidence: Readonly<Record<string, string | number>>;
}
