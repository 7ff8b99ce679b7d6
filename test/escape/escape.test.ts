import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { IS_FULL } from "../support/sizes.ts";
import { INSIDE_ATTACKS } from "./attacks.ts";
import { CONFIGURATIONS, type Configuration } from "./house/identity.ts";
import { STAGED } from "./staged.ts";
import { countOf, type Finding, runSuite, TRIED_FAMILIES } from "./suite.ts";
import { attacksOn, SANDBOX_PAGE, tableOf, tableOn, wrongOn } from "./table.ts";

const TIMEOUT_MS = 300_000;
/** The strongest and the weakest; every one at full size. */
const TRIED = IS_FULL
  ? CONFIGURATIONS
  : CONFIGURATIONS.filter((one) => one === CONFIGURATIONS[0] || one === CONFIGURATIONS.at(-1));

const findings = new Map<Configuration["name"], Finding[]>();
afterAll(() => console.log(tableOf(findings)));

describe.each([...TRIED])(
  "plugins that try to break out of the compiled program ($name)",
  (configuration) => {
    test(
      "are denied and seen, each attack works where nothing denies it, and everybody else goes on",
      async () => {
        const families = TRIED_FAMILIES.filter(
          ({ isSlow }) => IS_FULL || !isSlow || configuration === TRIED.at(-1),
        );
        const found = await runSuite(configuration, families);
        findings.set(configuration.name, found);
        expect(found.filter(({ problems }) => problems.length > 0)).toEqual([]);
        expect(found).toHaveLength(countOf(families));
      },
      TIMEOUT_MS,
    );
  },
);

test("every attack has a name of its own", () => {
  const names = [...INSIDE_ATTACKS, ...STAGED].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("the published table tells of every attack (bun run escape-table prints it)", () => {
  const names = [...INSIDE_ATTACKS, ...STAGED].map(({ name }) => name);
  expect(attacksOn(readFileSync(SANDBOX_PAGE, "utf8")).toSorted()).toEqual(names.toSorted());
});

test("the published table is as a run wrote it: sealed, and each cell follows from how the attack ended", () => {
  const page = readFileSync(SANDBOX_PAGE, "utf8");
  expect(tableOn(page).isSealed).toBe(true);
  expect(wrongOn(page)).toEqual([]);
});

test("a cell that somebody changes by hand is found, by its seal and by what it says", () => {
  const page = readFileSync(SANDBOX_PAGE, "utf8");
  const [line = ""] = tableOn(page).lines.filter((one) => one.startsWith("| read a file, synchronously |"));
  const changed = page.replace(line, line.replace("| Landlock |", "| kindness |"));
  expect(tableOn(changed).isSealed).toBe(false);
  expect(wrongOn(changed)).toEqual(["read a file, synchronously"]);
});
