import { describe, expect, test } from "bun:test";
import { DrizzleError } from "drizzle-orm";
import { AppError, errorCodeOf, toAppError } from "../../../server/errors/app-error.ts";
import { ERROR_CATALOGUE } from "../../../server/errors/catalogue.ts";

const withCode = (code: string) => Object.assign(new Error("beneath"), { code });

describe("whatever is thrown", () => {
  test("becomes an error with a code, and keeps the cause to itself", () => {
    const cases: [unknown, string][] = [
      [new AppError("name_taken", "Taken."), "name_taken"],
      [withCode("SQLITE_FULL"), "storage_full"],
      [withCode("ENOSPC"), "storage_full"],
      [withCode("SQLITE_CORRUPT"), "database_corrupt"],
      [
        new DrizzleError({ message: "Failed to run the query", cause: withCode("SQLITE_FULL") }),
        "storage_full",
      ],
      [new TypeError("x is not a function"), "internal"],
      ["a text", "internal"],
      [undefined, "internal"],
      [null, "internal"],
    ];
    for (const [thrown, code] of cases) {
      const error = toAppError(thrown);
      expect(error.code as string).toBe(code);
      expect(error.message).not.toContain("beneath");
      expect(error.message).not.toContain("not a function");
      if (!(thrown instanceof AppError)) expect(error.cause).toBe(thrown);
    }
  });

  test("a circle of causes ends", () => {
    const circular = new Error("a");
    circular.cause = circular;
    expect(errorCodeOf(circular)).toBe("");
  });
});

describe("the catalogue", () => {
  test("has stable-looking codes and a sentence for each", () => {
    for (const [code, { title }] of Object.entries(ERROR_CATALOGUE)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  test("gives the sentence of its code to an error without its own", () => {
    const error = new AppError("user_not_found");
    expect(error.message).toBe(ERROR_CATALOGUE.user_not_found.title);
    expect(error.kind).toBe("not_found");
  });
});
