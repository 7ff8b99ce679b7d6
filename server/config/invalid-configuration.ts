import { AppError, type InputIssue } from "../errors/app-error.ts";

/** One thing that is wrong with the configuration, and where it stands. */
export interface ConfigurationIssue extends InputIssue {
  /** The file, `environment`, `flags`, … that holds it. */
  origin: string;
  /** In a file, counted from 1. */
  line?: number;
  column?: number;
}

const MAX_SHOWN = 20;

/** The configuration cannot be taken: every reason, each with its place. Nothing was applied. */
export class InvalidConfiguration extends AppError {
  readonly problems: readonly ConfigurationIssue[];

  constructor(problems: readonly ConfigurationIssue[], cause?: unknown) {
    const issues = problems
      .slice(0, MAX_SHOWN)
      .map((issue) => ({ path: issue.path, message: `${issue.message} (${placeText(issue)})` }));
    const lines = issues
      .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
      .join("; ");
    const rest = problems.length > MAX_SHOWN ? `; and ${problems.length - MAX_SHOWN} more` : "";
    super("invalid_configuration", `The configuration is not valid: ${lines}${rest}`, { issues, cause });
    this.problems = problems;
  }
}

/** `binnacle.yaml:3:5`, or the origin alone where nothing is counted in lines. */
const placeText = ({ origin, line, column }: Omit<ConfigurationIssue, "path" | "message">): string =>
  line === undefined ? origin : `${origin}:${line}:${column ?? 1}`;
