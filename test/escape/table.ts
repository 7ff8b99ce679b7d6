import { createHash } from "node:crypto";
import { join } from "node:path";
import type { InsideAttack } from "./attack.ts";
import { FAMILIES, INSIDE_ATTACKS } from "./attacks.ts";
import { ENDED, measuredDenier, namedDenier } from "./denier.ts";
import { CONFIGURATIONS, type Configuration } from "./house/identity.ts";
import { STAGED } from "./staged.ts";
import { type Finding, runSuite, STAGED_TITLE, TRIED_FAMILIES } from "./suite.ts";

/** The page that holds the table, and the lines that it stands between. */
export const SANDBOX_PAGE = join(import.meta.dirname, "../../docs/sandbox.md");
const BEGIN = "<!-- escape suite: begin -->";
const END = "<!-- escape suite: end -->";
const SEAL_DIGITS = 32;
/** Stands between deniers of which none was measured. */
const OPEN = " or ";
/** Denied by, seen as, control: behind how it ended in each configuration. */
const FACT_COLUMNS = 3;

type Facts = Pick<InsideAttack, "deniedBy" | "answers" | "seen" | "control">;

const HEAD = ["Attack", ...CONFIGURATIONS.map(({ name }) => name), "Denied by", "Seen as", "Control"];

/** Findings of each configuration, by its name. */
export type Findings = ReadonlyMap<Configuration["name"], readonly Finding[]>;

const cell = ({ answer, problems }: Finding): string =>
  problems.length === 0 ? answer : `**${answer}: not denied as it should be**`;

/** Where one configuration tells who denied an attack, another that leaves it open adds nothing. */
function told(deniers: readonly string[]): readonly string[] {
  const measured = deniers.filter((denier) => !denier.includes(OPEN));
  return measured.length > 0 ? measured : deniers;
}

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
      return [name, ...found.map((one) => (one ? cell(one) : "")), told(deniers).join("; "), seen, control];
    }),
  ]);
  return [HEAD, HEAD.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/** What shows that nobody but the suite wrote the table: its fingerprint, on the line that ends it. */
const sealOf = (table: string): string =>
  `<!-- escape suite: sealed ${createHash("sha256").update(table).digest("hex").slice(0, SEAL_DIGITS)} -->`;

/** The page with `table` in its place, sealed. */
function withTable(page: string, table: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error("The page has no place for the table.");
  return `${page.slice(0, before + BEGIN.length)}\n\n${table}\n\n${sealOf(table)}\n${page.slice(after)}`;
}

/** The lines of the page's table, and whether they are as the suite wrote them. */
export function tableOn(page: string): { lines: string[]; isSealed: boolean } {
  const inner = page.slice(page.indexOf(BEGIN), page.indexOf(END)).split("\n");
  const lines = inner.filter((line) => line.startsWith("| "));
  return { lines, isSealed: inner.includes(sealOf(lines.join("\n"))) };
}

/** What no run can have written: cells that do not follow from an attack and from how it ended. Names of attacks. */
export function wrongOn(page: string): string[] {
  const attacks = new Map([...INSIDE_ATTACKS, ...STAGED].map((attack) => [attack.name, attack]));
  return tableOn(page)
    .lines.filter(isOfAttack)
    .filter((line) => {
      const [, ...cells] = line.slice(2, -2).split(" | ");
      const attack = attacks.get(nameIn(line));
      return attack !== undefined && !follows(attack, cells);
    })
    .map(nameIn);
}

function follows({ deniedBy, answers, seen, control }: Facts, cells: readonly string[]): boolean {
  const endings = cells.slice(0, -FACT_COLUMNS);
  const [denied = "", ...rest] = cells.slice(-FACT_COLUMNS);
  const sure = endings.flatMap((ending) => named(deniedBy, ending) ?? []);
  // Why a process was ended, its cell does not tell.
  const possible = endings.includes(ENDED) ? [...sure, ...[deniedBy].flat()] : told(sure);
  return (
    endings.every((ending) => answers.includes(ending)) &&
    denied.split("; ").every((one) => possible.includes(one)) &&
    rest.join() === [seen, control].join()
  );
}

const named = (deniedBy: Facts["deniedBy"], ending: string): string | undefined =>
  namedDenier(deniedBy, measuredDenier(ending, undefined));

const nameIn = (line: string): string => line.slice(2, line.indexOf(" |", 2)).replaceAll("\\|", "|");
const isOfAttack = (line: string): boolean =>
  ["| **", "| Attack |", "| --- |"].every((begin) => !line.startsWith(begin));

/** Names of the attacks that the page's table tells of. */
export const attacksOn = (page: string): string[] => tableOn(page).lines.filter(isOfAttack).map(nameIn);

/** A table of which only some rows were run again: those from `fresh`, the others as they stood, in the suite's order. */
export function joined(lines: readonly string[], fresh: readonly string[]): string {
  const rows = new Map([...lines, ...fresh].filter(isOfAttack).map((line) => [nameIn(line), line]));
  const title = (text: string): string => `| **${text}** |${"  |".repeat(HEAD.length - 1)}`;
  const families = [...FAMILIES, { title: STAGED_TITLE, attacks: STAGED }];
  const body = families.flatMap((family) => [
    title(family.title),
    ...family.attacks.flatMap(({ name }) => rows.get(name) ?? []),
  ]);
  return [...fresh.slice(0, 2), ...body].join("\n");
}

/**
 * `bun test/escape/table.ts [part of a name …]`: runs every configuration and writes the page; with names, only those attacks,
 * and their rows. Ends with 1, and writes nothing, when an attack succeeded, or when somebody else changed the table.
 */
if (import.meta.main) {
  const parts = process.argv.slice(2);
  const wanted = <T extends { name: string }>(attacks: readonly T[]): T[] =>
    parts.length === 0
      ? [...attacks]
      : attacks.filter((one) => parts.some((part) => one.name.includes(part)));
  // Of a family whose controls have to reach a listener, all are run: a few of them may reach none.
  const families = TRIED_FAMILIES.filter(({ attacks }) => wanted(attacks).length > 0).map((family) =>
    family.reachesListeners ? family : { ...family, attacks: wanted(family.attacks) },
  );
  const findings = new Map<Configuration["name"], Finding[]>();
  for (const one of CONFIGURATIONS) findings.set(one.name, await runSuite(one, families, wanted(STAGED)));
  const wrong = [...findings].flatMap(([name, found]) =>
    found
      .filter(({ problems }) => problems.length > 0)
      .map((one) => `${name}: ${one.name}: ${one.problems.join("; ")}`),
  );
  const page = await Bun.file(SANDBOX_PAGE).text();
  const { lines, isSealed } = tableOn(page);
  const table = tableOf(findings);
  if (parts.length > 0 && !isSealed) wrong.push("The table was changed by hand: run the whole suite.");
  console.log(table);
  if (wrong.length === 0)
    await Bun.write(
      SANDBOX_PAGE,
      withTable(page, parts.length > 0 ? joined(lines, table.split("\n")) : table),
    );
  for (const line of wrong) console.error(line);
  process.exit(wrong.length === 0 ? 0 : 1);
}
