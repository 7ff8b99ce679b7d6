import { type BigIntStats, statSync } from "node:fs";
import { errorCodeOf } from "../errors/app-error.ts";

/** What stands at the path, symlinks followed; undefined when nothing does. @throws the system's error for the rest. */
export function findStatus(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
