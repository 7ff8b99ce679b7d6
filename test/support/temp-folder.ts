import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "./at-end.ts";

/** Those that are not removed yet: a test that fails, or a house that cannot be opened, leaves its own here. */
const left = new Set<TempFolder>();

/** A folder of one test's own; `using folder = new TempFolder()` removes it at the end of the block. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "binnacle-test-"));

  constructor() {
    left.add(this);
  }

  /** Absolute path of `name` within. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    left.delete(this);
    rmSync(this.path, { recursive: true, force: true });
  }
}

atEnd(async () => {
  for (const folder of left) folder[Symbol.dispose]();
});
