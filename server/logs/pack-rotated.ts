import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { packedName } from "./rotating-file.ts";

const FILE_MODE = 0o600;
/** The file put aside last stays as it is: whoever follows the log may not have read its end. */
const FIRST_PACKED = 2;

/**
 * Packs the files that a log put aside, but the last one. A crash in between leaves the file as it was; one that is put
 * aside further meanwhile is packed the next time.
 */
export async function packRotated(path: string, maxFiles: number): Promise<void> {
  for (let index = FIRST_PACKED; index <= maxFiles; index++) {
    const plain = `${path}.${index}`;
    const before = statSync(plain, { throwIfNoEntry: false });
    if (!before) continue;
    const partial = `${plain}.partial`;
    await pipeline(createReadStream(plain), createGzip(), createWriteStream(partial, { mode: FILE_MODE }));
    // Nothing else runs between the look and the exchange.
    if (statSync(plain, { throwIfNoEntry: false })?.ino !== before.ino) {
      rmSync(partial, { force: true });
      continue;
    }
    renameSync(partial, packedName(path, index));
    rmSync(plain);
  }
}
