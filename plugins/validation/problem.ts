const MAX_PROBLEMS = 500;

/** One thing that is wrong. */
export interface Problem {
  /** `items.2.email`; empty for the whole. */
  path: string;
  message: string;
}

/** What was found so far, up to a bound. */
export class Findings {
  readonly problems: Problem[] = [];
  isCut = false;

  add(path: readonly (string | number)[], message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ path: path.join("."), message });
    else this.isCut = true;
  }
}
