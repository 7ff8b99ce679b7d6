import { type GrantedScope, parseScope } from "../../schema/rules/scopes.ts";
import { AppError, type InputIssue } from "../errors/app-error.ts";

/** @throws AppError `validation_failed` with one issue for each field that has a text. */
export function refuseIssues(fields: Readonly<Record<string, string | undefined>>): void {
  const issues: InputIssue[] = Object.entries(fields).flatMap(([path, message]) =>
    message === undefined ? [] : [{ path, message }],
  );
  if (issues.length === 0) return;
  const sentence = issues.map(({ path, message }) => `${path} ${message}`).join("; ");
  throw new AppError("validation_failed", `${sentence}.`, { issues });
}

/**
 * The scopes as a person wrote them, each once.
 * @throws AppError `validation_failed` when one is no scope, or there is none.
 */
export function readScopes(texts: readonly string[]): GrantedScope[] {
  const scopes = new Set<GrantedScope>();
  for (const [index, text] of texts.entries()) {
    const scope = parseScope(text);
    if (!scope) {
      const issue = { path: `scopes.${index}`, message: `"${text}" is not a scope` };
      throw new AppError("validation_failed", `${issue.message}.`, { issues: [issue] });
    }
    scopes.add(scope);
  }
  if (scopes.size > 0) return [...scopes];
  const issue = { path: "scopes", message: "needs at least one scope" };
  throw new AppError("validation_failed", "At least one scope is needed.", { issues: [issue] });
}
