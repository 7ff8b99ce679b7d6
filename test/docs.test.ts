import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesUnder } from "./support/imports.ts";
import { pagePath, REFERENCE_PAGES, renewed } from "./support/reference-pages.ts";

const ROOT = join(import.meta.dirname, "..");
const MAX_IMAGE_BYTES = 300_000;

describe("documentation", () => {
  test.each(Object.keys(REFERENCE_PAGES))(
    "%s says what the code says (bun run snapshots renews it)",
    async (page) => {
      const text = await Bun.file(pagePath(page)).text();
      expect(text).toBe(renewed(page, text));
    },
  );

  test("every link to a file of the project leads somewhere", async () => {
    const broken: string[] = [];
    for (const page of ["README.md", "CHANGELOG.md", ...filesUnder(ROOT, "docs/**/*.md")]) {
      const text = await Bun.file(join(ROOT, page)).text();
      for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        if (!existsSync(join(ROOT, dirname(page), target))) broken.push(`${page} → ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test("pictures are light enough to load with the page", () => {
    const heavy = filesUnder(ROOT, "docs/images/*").filter(
      (file) => Bun.file(join(ROOT, file)).size > MAX_IMAGE_BYTES,
    );
    expect(heavy).toEqual([]);
  });
});
