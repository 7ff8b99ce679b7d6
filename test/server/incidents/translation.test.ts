import { describe, expect, test } from "bun:test";
import { exitCodeOf } from "../../../server/cli/failure.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { ERROR_CATALOGUE } from "../../../server/errors/catalogue.ts";
import { Exchange } from "../../../server/http/exchange.ts";
import { presentError } from "../../../server/http/graphql/errors.ts";
import { answerProblem, STATUS_OF_KIND } from "../../../server/http/problem.ts";
import { CLOSE_CODE_OF_KIND, closeFor } from "../../../server/http/socket.ts";
import { ERROR_CODES, ERRORS_PAGE, errorsPage } from "../../support/error-catalogue.ts";

const SECRET_CAUSE = "the private cause";

const exchange = (): Exchange =>
  new Exchange({
    request: new Request("http://binnacle.test/api"),
    correlationId: "c-1",
    carrier: { requestIP: () => null },
    startedAtMs: 0,
    isSecure: false,
    bodyLimitBytes: 1,
  });

describe.each(ERROR_CODES)("%s is translated at every edge", (code) => {
  const error = new AppError(code, undefined, { cause: new Error(SECRET_CAUSE) });
  const { kind, title } = ERROR_CATALOGUE[code];

  test("REST", async () => {
    const answer = answerProblem(exchange(), error);
    expect(answer.status).toBe(STATUS_OF_KIND[kind]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const body = await answer.text();
    expect(JSON.parse(body)).toMatchObject({
      code,
      title,
      status: STATUS_OF_KIND[kind],
      correlationId: "c-1",
    });
    expect(body).not.toContain(SECRET_CAUSE);
  });

  test("GraphQL", () => {
    const shown = presentError({ message: "wrapped", path: ["field"], originalError: error }, exchange());
    expect(shown).toMatchObject({
      message: title,
      path: ["field"],
      extensions: { code, correlationId: "c-1" },
    });
    expect(JSON.stringify(shown)).not.toContain(SECRET_CAUSE);
  });

  test("WebSocket", () => {
    const closed: [number, string][] = [];
    closeFor({ close: (...how) => closed.push(how) }, error);
    expect(closed).toEqual([[CLOSE_CODE_OF_KIND[kind], title]]);
    const [[closeCode] = [0]] = closed;
    expect([1009, 1013].includes(closeCode) || (closeCode >= 4400 && closeCode < 4600)).toBe(true);
  });

  test("command line", () => {
    expect(exitCodeOf(error)).toBe(1);
  });
});

test("a reason that is too long for a close frame is cut between two characters", () => {
  let reason = "";
  closeFor({ close: (_code, text) => (reason = text) }, new AppError("internal", "ü".repeat(200)));
  expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  expect(reason).toBe("ü".repeat(61));
});

test("docs/errors.md says what the catalogue says (bun run snapshots renews it)", async () => {
  expect((await Bun.file(ERRORS_PAGE).text()) === errorsPage() ? "up to date" : "stale").toBe("up to date");
});
