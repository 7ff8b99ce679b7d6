import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of one test's own; `using folder = new TempFolder()` removes it at the end of the block. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "binnacle-test-"));

  /** Absolute path of `name` within. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
