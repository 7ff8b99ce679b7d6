import type { PluginPermissions } from "../../schema/plugin/manifest.ts";
import type { Family, InsideAttack } from "./attack.ts";
import { FAMILIES } from "./attacks.ts";
import { bundleAttacks } from "./bundle.ts";
import { ENDED, measuredDenier, namedDenier } from "./denier.ts";
import type { EscapeClient } from "./house/client.ts";
import { EscapeHouse } from "./house/house.ts";
import { type Configuration, IS_ROOT } from "./house/identity.ts";
import { STOPPED_BY } from "./plugin/run-attack.ts";
import { STAGED, type StagedAttack } from "./staged.ts";
import type { Targets } from "./targets.ts";

/** What was found of one attack in one configuration. */
export interface Finding {
  family: string;
  name: string;
  /** As far as the measurement tells it, taken from there. */
  deniedBy: string;
  control: string;
  seen: string;
  /** What stopped it; `allowed` when nothing did. */
  answer: string;
  /** What is wrong: it was not denied, not seen, its control failed, the server or a neighbour did not answer. */
  problems: string[];
  durationMs: number;
}

/** How an attempt ended. */
interface Ending {
  answer: string;
  code: string;
}

const MEMORY_MIB = 64;
const CRASH_WAIT_MS = 15_000;
/** Attacks that have a plugin of their own, made together. */
const AT_ONCE = 4;
const ALLOWED = "allowed";

/** What is staged has no family of its own kind: its title in the table. */
export const STAGED_TITLE = "Trust and secrets";

/** Runs every attack of those families, and what is staged, in one configuration. */
export async function runSuite(
  configuration: Configuration,
  families: readonly Family[] = TRIED_FAMILIES,
  stagedOnes: readonly StagedAttack[] = STAGED,
): Promise<Finding[]> {
  const bundles = await bundleAttacks();
  await using house = await EscapeHouse.make(configuration);
  for (const family of families) putPlugins(house, family, bundles.plugin);
  await house.start();
  const suite = new Suite(house, bundles.outside);
  const findings: Finding[] = [];
  for (const family of families) findings.push(...(await suite.run(family)));
  for (const staged of stagedOnes) findings.push(await suite.stage(staged));
  return findings;
}

/** Where the tests are not root's, what needs root to be set up is left out. */
export const TRIED_FAMILIES: readonly Family[] = FAMILIES.map((family) => ({
  ...family,
  attacks: family.attacks.filter(({ needsRoot }) => IS_ROOT || !needsRoot),
}));

/** How many findings a run with those families has. */
export const countOf = (families: readonly Family[]): number =>
  families.reduce((sum, { attacks }) => sum + attacks.length, 0) + STAGED.length;

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);

/** The plugin that makes the attack: one for a family, one of its own for an attack that may end it. */
const pluginOf = (family: Family, attack: InsideAttack): string =>
  `${slug(family.title)}${attack.isDestructive ? `-${family.attacks.indexOf(attack)}` : ""}`;
const grantedPluginOf = (family: Family): string => `${slug(family.title)}-granted`;

function merged(a: PluginPermissions, b: PluginPermissions): PluginPermissions {
  const kinds = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof PluginPermissions)[];
  return Object.fromEntries(kinds.map((kind) => [kind, [...(a[kind] ?? []), ...(b[kind] ?? [])]]));
}

function putPlugins(house: EscapeHouse, family: Family, code: string): void {
  const permissions = family.grants?.(house.targets) ?? {};
  const limits = { memoryMib: MEMORY_MIB };
  for (const id of new Set(family.attacks.map((attack) => pluginOf(family, attack))))
    house.putPlugin({ id, permissions, limits }, code);
  if (!family.moreGrants) return;
  const { dependencies = {} } = family;
  house.putPlugin(
    {
      id: grantedPluginOf(family),
      permissions: merged(permissions, family.moreGrants(house.targets)),
      dependencies,
      limits,
    },
    code,
  );
}

class Suite {
  readonly #house: EscapeHouse;
  readonly #client: EscapeClient;
  readonly #outside: string;

  constructor(house: EscapeHouse, outside: string) {
    this.#house = house;
    this.#client = house.client;
    this.#outside = outside;
  }

  async run(family: Family): Promise<Finding[]> {
    const targets = { ...this.#house.targets, siblingPid: (await this.#client.plugin("neighbour")).pid ?? 0 };
    const ids = new Set(family.attacks.map((attack) => pluginOf(family, attack)));
    if (family.moreGrants) ids.add(grantedPluginOf(family));
    for (const id of ids) await this.#allow(id);
    const reached = this.#house.listeners.reached();
    const outside = await this.#runOutside(family);
    if (family.reachesListeners && this.#house.listeners.reached() === reached)
      throw new Error(`The controls of ${family.title} reached no listener: nothing would show an escape.`);
    const findings: Finding[] = [];
    const groups = chunked(
      family.attacks.filter(({ isDestructive }) => isDestructive),
      AT_ONCE,
    );
    for (const group of groups) {
      findings.push(
        ...(await Promise.all(group.map((attack) => this.#attack(family, attack, targets, outside)))),
      );
    }
    for (const attack of family.attacks.filter(({ isDestructive }) => !isDestructive)) {
      findings.push(await this.#attack(family, attack, targets, outside));
    }
    return findings;
  }

  async stage(staged: StagedAttack): Promise<Finding> {
    const { name, deniedBy, seen, control, answers } = staged;
    const finding = {
      family: STAGED_TITLE,
      name,
      deniedBy: namedDenier(deniedBy),
      seen,
      control,
      answer: "",
      problems: [] as string[],
      durationMs: 0,
    };
    const work = staged.stage(this.#house);
    await noting(finding.problems, async () => void (await this.#client.probeWhile(work)));
    await noting(finding.problems, async () => {
      const found = await work;
      finding.answer = found.answer;
      finding.problems.push(...found.problems);
    });
    if (finding.answer !== "" && !answers.includes(finding.answer))
      finding.problems.push(`not denied as expected: ${finding.answer}`);
    this.#checkMachine(finding.problems);
    return finding;
  }

  /** What a plugin asks for is agreed to; without permissions it runs of itself. */
  async #allow(id: string): Promise<void> {
    const { needsApproval } = await this.#client.plugin(id);
    if (needsApproval) await this.#client.approve(id);
    const { verbs } = await this.#client.plugin(id);
    if (verbs.includes("enable")) await this.#client.must("POST", "/api/v3/plugins/enable", { name: id });
  }

  async #attack(
    family: Family,
    attack: InsideAttack,
    targets: Targets,
    outside: Readonly<Record<string, string>>,
  ): Promise<Finding> {
    const { name, control, seen } = attack;
    const startedMs = performance.now();
    const id = pluginOf(family, attack);
    const problems: string[] = [];
    const own = { ...targets, ownFolder: `${this.#house.file("data/plugins")}/${id}` };
    await noting(problems, () => this.#checkControl(family, attack, own, outside));
    const { pid } = await this.#client.plugin(id);
    if (pid !== null) this.#house.leaveTo(pid);
    const before = await this.#countsOf(id);
    const reached = this.#house.listeners.reached();
    const attempt = this.#call(id, attack, own);
    await noting(problems, async () => void (await this.#client.probeWhile(attempt)));
    const { answer, code } = await attempt.catch((error: unknown) => ({
      answer: `no answer: ${String(error)}`,
      code: "",
    }));
    if (!attack.answers.includes(answer)) problems.push(`ended with ${JSON.stringify(answer)}`);
    if (this.#house.listeners.reached() > reached) problems.push("it reached what nobody was granted");
    await noting(
      problems,
      async () => void (await this.#client.probeWhile(this.#checkSeen(attack, id, code, before, problems))),
    );
    this.#checkMachine(problems);
    const deniedBy = await this.#denierOf(attack, id, answer, problems);
    const durationMs = performance.now() - startedMs;
    return { family: family.title, name, deniedBy, control, seen, answer, problems, durationMs };
  }

  /** What the attempt ended with; `code` is the server's own for it. */
  async #call(id: string, { name, timeoutMs }: InsideAttack, targets: Targets): Promise<Ending> {
    const { code, detail, result } = await this.#client.execute(id, { name, targets }, timeoutMs);
    if (code === "") return { answer: String(result), code };
    if (code === "plugin_crashed") return { answer: ENDED, code };
    const at = detail.indexOf(STOPPED_BY);
    if (at >= 0) return { answer: detail.slice(at + STOPPED_BY.length), code };
    return { answer: code === "plugin_execution_failed" ? detail.replaceAll(id, "…") : code, code };
  }

  /** Names what denied it; what was measured goes before what the attack says of itself. */
  async #denierOf(
    { deniedBy }: InsideAttack,
    id: string,
    answer: string,
    problems: string[],
  ): Promise<string> {
    const crash = answer === ENDED ? await this.#client.lastCrash(id) : undefined;
    const measured = measuredDenier(answer, crash);
    const named = namedDenier(deniedBy, measured);
    if (named !== undefined) return named;
    problems.push(`denied by ${measured}, not by ${namedDenier(deniedBy)}`);
    return measured ?? "";
  }

  async #checkControl(
    family: Family,
    attack: InsideAttack,
    targets: Targets,
    outside: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { answer: found } = await this.#control(family, attack, targets, outside);
    if (found !== ALLOWED)
      throw new Error(`its control (${attack.control}) ended with ${JSON.stringify(found)}`);
  }

  async #control(
    family: Family,
    attack: InsideAttack,
    targets: Targets,
    outside: Readonly<Record<string, string>>,
  ): Promise<Pick<Ending, "answer">> {
    if (attack.control === "granted") return this.#call(grantedPluginOf(family), attack, targets);
    if (attack.control === "modest") {
      return this.#call(
        pluginOf(family, attack),
        { ...attack, timeoutMs: CRASH_WAIT_MS },
        { ...targets, isModest: true },
      );
    }
    // Where the tests are not root's, what only root can do has no control.
    const answer =
      attack.control === "outside as root" && !IS_ROOT ? ALLOWED : (outside[attack.name] ?? "not tried");
    return { answer };
  }

  /** The controls of a family that need no server: once as the server's user, once as root. */
  async #runOutside(family: Family): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const control of ["outside", "outside as root"] as const) {
      const attacks = family.attacks.filter((attack) => attack.control === control);
      if (attacks.length === 0 || (control === "outside as root" && !IS_ROOT)) continue;
      const together = attacks.filter(({ isAlone }) => !isAlone).map(({ name }) => name);
      const alone = attacks.filter(({ isAlone }) => isAlone).map(({ name }) => [name]);
      const { targets } = this.#house;
      const decoys = { ...targets, otherFolder: targets.ownFolder, stateFile: targets.file };
      for (const names of [together, ...alone]) {
        const input = { targets: decoys, names };
        Object.assign(found, await this.#house.outside(this.#outside, input, control === "outside as root"));
      }
    }
    return found;
  }

  async #countsOf(id: string): Promise<{ errors: number; denied: number; crashes: number }> {
    const { errors, decisions } = await this.#client.plugin(id);
    const crashes = (await this.#client.events("plugin.crashed", id)).length;
    return { errors, denied: decisions.reduce((sum, { denied }) => sum + denied, 0), crashes };
  }

  async #checkSeen(
    { seen }: InsideAttack,
    id: string,
    code: string,
    before: { errors: number; denied: number; crashes: number },
    problems: string[],
  ): Promise<void> {
    const deadline = performance.now() + CRASH_WAIT_MS;
    let now = await this.#countsOf(id);
    while (seen === "crash" && now.crashes <= before.crashes && performance.now() < deadline)
      now = await this.#countsOf(id);
    if (seen === "crash" && now.crashes <= before.crashes) problems.push("no event plugin.crashed");
    if (seen !== "harmless" && now.errors <= before.errors) problems.push("the failed call was not counted");
    if (seen !== "harmless" && !(await this.#client.hasToldOf(id, code)))
      problems.push(`no event plugin.call_failed with ${code}`);
    if (seen !== "denial") return;
    if (now.denied <= before.denied) problems.push("the denial was not counted");
    if ((await this.#client.denials(id)) === 0) problems.push("no line in the audit log");
    if ((await this.#client.events("plugin.permission_denied", id)).length === 0)
      problems.push("no event plugin.permission_denied");
  }

  #checkMachine(problems: string[]): void {
    if (this.#house.server.hasEnded) problems.push("the server has ended");
  }
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Notes what `work` throws as a problem. */
async function noting(problems: string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
}
