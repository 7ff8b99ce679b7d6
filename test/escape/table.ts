import { join } from "node:path";
import { CONFIGURATIONS, type Configuration } from "./house/identity.ts";
import { type Finding, runSuite } from "./suite.ts";

/** The page that holds the table, and the lines that it stands between. */
export const SANDBOX_PAGE = join(import.meta.dirname, "../../docs/sandbox.md");
const BEGIN = "<!-- escape suite: begin -->";
const END = "<!-- escape suite: end -->";

const HEAD = ["Attack", ...CONFIGURATIONS.map(({ name }) => name), "Denied by", "Seen as", "Control"];

/** Findings of each configuration, by its name. */
export type Findings = ReadonlyMap<Configuration["name"], readonly Finding[]>;

const cell = ({ answer, problems }: Finding): string =>
  problems.length === 0 ? answer : `**${answer}: not denied as it should be**`;

/** The rows of the table: one an attack, a column a configuration; empty where a configuration was not run. */
export function tableOf(findings: Findings): string {
  const [longest = []] = [...findings.values()].toSorted((a, b) => b.length - a.length);
  const families = Map.groupBy(longest, ({ family }) => family);
  const rows = [...families].flatMap(([family, attacks]) => [
    [`**${family}**`, ...HEAD.slice(1).map(() => "")],
    ...attacks.map(({ name, seen, control }) => {
      const found = CONFIGURATIONS.map((configuration) =>
        findings.get(configuration.name)?.find((one) => one.family === family && one.name === name),
      );
      const deniers = [...new Set(found.flatMap((one) => one?.deniedBy ?? []))];
      // Where one configuration tells it, another that leaves it open adds nothing.
      const measured = deniers.filter((denier) => !denier.includes(" or "));
      return [
        name,
        ...found.map((one) => (one ? cell(one) : "")),
        (measured.length > 0 ? measured : deniers).join("; "),
        seen,
        control,
      ];
    }),
  ]);
  return [HEAD, HEAD.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** The page with `table` in its place. */
export function withTable(page: string, table: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error("The page has no place for the table.");
  return `${page.slice(0, before + BEGIN.length)}\n\n${table}\n\n${page.slice(after)}`;
}

/** Names of the attacks that the page's table tells of. */
export const attacksOn = (page: string): string[] =>
  page
    .slice(page.indexOf(BEGIN), page.indexOf(END))
    .split("\n")
    .filter(
      (line) =>
        line.startsWith("| ") &&
        !line.startsWith("| **") &&
        !line.startsWith("| Attack") &&
        !line.startsWith("| ---"),
    )
    .map((line) => line.slice(2, line.indexOf(" |", 2)).replaceAll("\\|", "|"));

/** `bun test/escape/table.ts`: runs every configuration and writes the page. Ends with 1, and writes nothing, when an attack succeeded. */
if (import.meta.main) {
  const findings = new Map<Configuration["name"], Finding[]>();
  for (const one of CONFIGURATIONS) findings.set(one.name, await runSuite(one));
  const wrong = [...findings].flatMap(([name, found]) =>
    found
      .filter(({ problems }) => problems.length > 0)
      .map((one) => `${name}: ${one.name}: ${one.problems.join("; ")}`),
  );
  console.log(tableOf(findings));
  if (wrong.length === 0)
    await Bun.write(SANDBOX_PAGE, withTable(await Bun.file(SANDBOX_PAGE).text(), tableOf(findings)));
  for (const line of wrong) console.error(line);
  process.exit(wrong.length === 0 ? 0 : 1);
}
