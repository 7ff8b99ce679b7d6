import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** First argument of this executable that makes it the launcher of one program; `main.ts` knows it. */
export const RUN_PROGRAM = "__run";

/** What the launcher is told, in its one argument. */
const RunOrder = Type.Object({
  command: Type.String(),
  arguments: Type.Array(Type.String()),
  /** The unprivileged user to become; absent when the server itself is unprivileged. */
  uid: Type.Optional(Type.Integer({ minimum: 1 })),
  /** What no program reaches, whatever its user may: the data folder and what else is the server's own. */
  withheld: Type.Array(Type.String()),
  /** Whoever started the launcher; the program ends with it. */
  parentPid: Type.Integer({ minimum: 1 }),
});
export type RunOrder = Static<typeof RunOrder>;

/** @throws when the text is no order */
export const parseOrder = (text: string): RunOrder => Value.Parse(RunOrder, JSON.parse(text));

/** How the launcher ended when it did not become the program, as `env` and shells have it (POSIX 2.8.2). */
export const LAUNCH_EXIT = { refused: 125, cannotRun: 126, notFound: 127 } as const;

/** The line by which the launcher says why on standard error; a program cannot write it before the launcher is gone. */
export const LAUNCH_FAILURE = "binnacle cannot run it: ";
