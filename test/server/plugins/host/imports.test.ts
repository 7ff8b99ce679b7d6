import { expect, test } from "bun:test";
import { join } from "node:path";
import { importsOf } from "../../../support/imports.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const ENTRIES = ["server/plugins/host/program.ts", "server/plugins/host/worker.ts"];
/** What may be loaded into a process in which a plugin runs: nothing that knows a secret, a database or a setting. */
const ALLOWED = [
  "server/plugins/host/",
  "server/plugins/channel/",
  "server/plugins/jail/",
  "server/lib/",
  "schema/plugin/",
  "plugins/sdk/",
];
const HOST_MODULES = /^(node|bun):/;

test("nothing of the server is loaded beside a plugin", () => {
  const seen = new Set(ENTRIES);
  const outside: string[] = [];
  for (const file of seen) {
    for (const { to, isPackage, isTypeOnly } of importsOf(ROOT, file)) {
      if (isTypeOnly) continue;
      const isAllowed = isPackage ? HOST_MODULES.test(to) : ALLOWED.some((folder) => to.startsWith(folder));
      if (!isAllowed) outside.push(`${file} → ${to}`);
      else if (!isPackage) seen.add(to);
    }
  }
  expect(outside).toEqual([]);
  expect(seen.size).toBeGreaterThan(20);
});
