import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { readText, writeWhole } from "./certificate-files.ts";

const Failure = Type.Object({
  /** What was asked of whom: after another setting it says nothing. */
  order: Type.String(),
  /** In a row. */
  failures: Type.Integer({ minimum: 1 }),
  /** Epoch milliseconds. */
  failedAt: Type.Number(),
  nextTryAt: Type.Number(),
  reason: Type.String(),
});

/** The last order that brought no certificate, and when the next is due. */
export type Failure = Static<typeof Failure>;

/** What tells one order from another: an authority, and the names. */
export const orderOf = (directoryUrl: string, domains: readonly string[]): string =>
  [directoryUrl, ...domains].join(" ");

/** Kept on disk, so that a server that is started again and again does not ask an authority each time. */
export class FailureNote {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "last-failure.json");
  }

  /** Of that order; undefined when it did not fail last, or the note cannot be read. */
  find(order: string): Failure | undefined {
    const failure = parse(readText(this.#path) ?? "");
    return failure?.order === order ? failure : undefined;
  }

  keep(failure: Failure): void {
    writeWhole(this.#path, JSON.stringify(failure));
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }
}

function parse(text: string): Failure | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(Failure, value) ? value : undefined;
  } catch {
    return undefined; // nothing kept, or damaged: the authority is asked at once, as after a first start
  }
}
