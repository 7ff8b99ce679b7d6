import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { errorCodeOf } from "../errors/app-error.ts";

const RemoteAnswer = Type.Object({
  /** Where it came from: another address makes it worthless. */
  url: Type.String(),
  etag: Type.Union([Type.String(), Type.Null()]),
  /** Epoch milliseconds. */
  fetchedAt: Type.Number(),
  text: Type.String(),
});

/** The last answer of the remote source that was taken. */
export type RemoteAnswer = Static<typeof RemoteAnswer>;

const FILE_MODE = 0o600;

/** Keeps the last good answer on disk, so that a start without the remote source has its settings. */
export class RemoteAnswerFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The answer that was kept for that address; undefined when there is none, or it cannot be read. */
  find(url: string): RemoteAnswer | undefined {
    const answer = parse(this.#read());
    return answer?.url === url ? answer : undefined;
  }

  /** Puts it in place of the one before, as a whole. */
  keep(answer: RemoteAnswer): void {
    const partial = `${this.#path}.partial`;
    writeFileSync(partial, JSON.stringify(answer), { mode: FILE_MODE, flush: true });
    renameSync(partial, this.#path);
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }

  #read(): string {
    try {
      return readFileSync(this.#path, "utf8");
    } catch (error) {
      if (errorCodeOf(error) === "ENOENT") return "";
      throw error;
    }
  }
}

function parse(text: string): RemoteAnswer | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(RemoteAnswer, value) ? value : undefined;
  } catch {
    return undefined; // nothing kept, or a file that is not ours: the source is asked anew
  }
}
