import { expect, test } from "bun:test";
import { judgeDisk } from "../../../server/cli/doctor-checks.ts";

const MIB = 1_024 * 1_024;

test.each([
  [15, 100, "failed", "the server does not start"],
  [15, 1_000_000, "failed", "the server does not start"],
  [30, 1_000, "warning", "no samples are written"],
  [500, 1_000, "ok", ""],
] as const)("%p MiB free of %p: %s", (freeMib, totalMib, state, advice) => {
  const verdict = judgeDisk({ freeBytes: freeMib * MIB, totalBytes: totalMib * MIB }, 5);
  expect(verdict).toMatchObject({ state });
  expect(JSON.stringify(verdict)).toContain(advice);
});
