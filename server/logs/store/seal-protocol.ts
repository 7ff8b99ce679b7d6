import type { ErrorCode } from "../../errors/catalogue.ts";
import type { Marks } from "./marks.ts";

/** What the sealing thread is asked: to compress lines, to store what it made of them, at last to let go of the file. */
export type SealRequest =
  | { kind: "pack"; path: string; firstId: number; marks: Marks; text: string }
  | { kind: "store"; sealedAt: number }
  | { kind: "close" };

/** What it answers to each, in their order. */
export type SealAnswer =
  | { kind: "done" }
  | { kind: "failed"; code: ErrorCode; message: string; cause: string };
