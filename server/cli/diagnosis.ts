/** What one check of `doctor` found. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warning" | "failed" | "skipped";
  /** What was seen. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** A check with a name; what it throws is its failure. */
export interface Check {
  readonly name: string;
  run(): Verdict | Promise<Verdict>;
}

export type Verdict = Omit<Finding, "name">;

export const ok = (detail: string): Verdict => ({ state: "ok", detail });
export const skipped = (detail: string): Verdict => ({ state: "skipped", detail });
export const warning = (detail: string, advice: string): Verdict => ({ state: "warning", detail, advice });
export const failed = (detail: string, advice: string): Verdict => ({ state: "failed", detail, advice });

/** Runs every check in order; one that throws has failed, and the rest still run. */
export async function diagnose(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    try {
      findings.push({ name: check.name, ...(await check.run()) });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      findings.push({ name: check.name, state: "failed", detail });
    }
  }
  return findings;
}
