import type { InputIssue } from "../errors/app-error.ts";
import { type FoundIssue, inputIssues } from "../errors/input-issues.ts";

/** What the validator throws. */
export interface ValidationFailure {
  all?: readonly FoundIssue[];
  /** In place of `all`: what a list within the URL was refused for as it was read. */
  error?: FoundIssue;
  /** `property` when one value of the URL was refused as it was read: then the place is lost on the way. */
  type?: string;
  value?: unknown;
}

/** What is wrong with a request, the first issue of each place. */
export const issuesOf = (error: ValidationFailure, request: Request): InputIssue[] =>
  inputIssues(error.all ?? [error.error ?? {}], placeOf(error, request));

/** Where in the URL the refused value stands, when that was lost on the way. */
function placeOf({ all, type, value }: ValidationFailure, request: Request): string {
  if (all !== undefined && type !== "property") return "";
  const entries = [...new URL(request.url).searchParams];
  return entries.find(([, text]) => text === String(value))?.[0] ?? "";
}
