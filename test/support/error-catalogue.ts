import { join } from "node:path";
import { exitCodeOf } from "../../server/cli/failure.ts";
import { AppError } from "../../server/errors/app-error.ts";
import { ERROR_CATALOGUE, type ErrorCode, type ErrorKind } from "../../server/errors/catalogue.ts";
import { STATUS_OF_KIND } from "../../server/http/problem.ts";
import { CLOSE_CODE_OF_KIND } from "../../server/http/socket.ts";

/**
 * The page docs/errors.md, printed from the catalogue and the tables of the edges.
 * `bun test/support/error-catalogue.ts` writes it; a test compares it.
 */
export const ERRORS_PAGE = join(import.meta.dirname, "../../docs/errors.md");

export const ERROR_CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

/** What each family means to whoever meets it. */
const ADVICE = {
  invalid: "The request cannot be read. Correct it; sending it again as it is fails again",
  unauthenticated: "Sign in, or send a valid token",
  forbidden: "You are known and may not do this, or the way it was asked is not allowed",
  not_found: "What is named is not there, or not for you",
  method_not_allowed: "The path is right, the method is not; the answer lists what it knows",
  conflict: "It does not fit the present state. Read that again, then decide",
  too_large: "Send less",
  unsupported_media: "Send another content type",
  misdirected: "Ask this server under a name it answers to",
  unprocessable: "The request can be read and its values are not right; `errors` names each",
  rate_limited: "Wait for `retry-after`, then go on",
  unavailable: "It may pass: try again, later each time. It is kept in the error centre",
  internal: "A fault of Binnacle. It is kept in the error centre under the correlation id; please report it",
} as const satisfies Record<ErrorKind, string>;

const INTRODUCTION = `# Errors

Printed from the catalogue of errors; do not edit. Every failure has a stable code, which is never renamed, and a public
sentence; what lies beneath stays in the log and in the error centre, joined by the correlation id.

| Edge | Where the code stands |
|---|---|
| REST | \`code\` of an \`application/problem+json\` body |
| GraphQL | \`extensions.code\` of an error |
| WebSocket | the close code of its family; an \`error\` frame before it names the code where the path has frames |
| Command line | one line on standard error; exit code 1, or 2 for a wrong call |

The error centre (page Errors, \`GET /api/v3/errors\`, GraphQL \`errors\`) keeps failures of the families \`internal\` and
\`unavailable\`; [Error centre](error-centre.md) tells how they are grouped, settled and recovered from. Refusals of the other
families are counted by code for 24 hours (\`GET /api/v3/errors/summary\`).
`;

/** What the page says now. */
export function errorsPage(): string {
  const kinds = Object.keys(ADVICE) as ErrorKind[];
  return [INTRODUCTION, ...kinds.map(familySection)].join("\n");
}

function familySection(kind: ErrorKind): string {
  const codes = ERROR_CODES.filter((code) => ERROR_CATALOGUE[code].kind === kind);
  const exit = exitCodeOf(new AppError(codes[0] ?? "internal"));
  return [
    `## ${kind}`,
    "",
    `${ADVICE[kind]}.`,
    "",
    `HTTP ${STATUS_OF_KIND[kind]} · WebSocket close ${CLOSE_CODE_OF_KIND[kind]} · exit code ${exit}`,
    "",
    "| Code | What it says |",
    "|---|---|",
    ...codes.map((code) => `| \`${code}\` | ${ERROR_CATALOGUE[code].title} |`),
    "",
  ].join("\n");
}

if (import.meta.main) await Bun.write(ERRORS_PAGE, errorsPage());
