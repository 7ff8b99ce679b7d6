import type { Connection, Database } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import { Mutex } from "../../lib/mutex.ts";
import { acceptedInput } from "../../security/accepted-input.ts";
import type { Audit } from "../../security/audit.ts";
import type { Caller } from "../../security/caller.ts";
import { principalName } from "../../security/principal.ts";
import { problemsOf } from "./check.ts";
import { DEFAULT_RULES } from "./defaults.ts";
import { type Bodies, DEFINITION_BODIES, type Defined, type DefinitionKind } from "./schemas.ts";
import type { DefinitionStore } from "./store.ts";

interface DefinitionsParts {
  database: Database;
  clock: Clock;
  audit: Audit;
  store: DefinitionStore;
  /** Ends what a rule raised that no longer holds, in the unit of work that changes it. */
  ruleEnds: (tx: Connection, ruleId: string, by: string) => Promise<void>;
}

/** All of them together; the evaluation of rules looks at each with every sampling. */
const MAX_OF_A_KIND = 200;
/** Of what was removed, so much can be brought back under its id. */
const MAX_REMOVED = 200;
const HOUSE = "binnacle";

type Snapshot = { readonly [Kind in DefinitionKind]: readonly Defined<Kind>[] };
const NOTHING: Snapshot = { rule: [], channel: [], route: [], window: [] };

/**
 * Rules, channels, routes and maintenance windows. What is stored is held in memory too, since every sampling and every
 * transition asks for it; a change is stored, audited and then in force at once.
 */
export class Definitions {
  readonly #parts: DefinitionsParts;
  readonly #listeners = new Set<() => Promise<void>>();
  /** Each change is checked against what the one before it left, not against what was in force when it was asked for. */
  readonly #changing = new Mutex();
  #all = NOTHING;

  constructor(parts: DefinitionsParts) {
    this.#parts = parts;
  }

  /** Reads what is stored; the first time ever, makes the rules of the house. */
  async open(): Promise<void> {
    const { database, store, clock } = this.#parts;
    await this.#reload();
    const rows = await store.list();
    if (rows.some(({ kind }) => kind === "defaults")) return;
    const at = clock.now();
    const stamp = { createdAt: at, updatedAt: at, updatedBy: HOUSE };
    await database.write(async (tx) => {
      for (const rule of DEFAULT_RULES) {
        await store.put(tx, { id: newId(), kind: "rule", name: rule.name, definition: rule, ...stamp });
      }
      await store.put(tx, { id: newId(), kind: "defaults", name: "1", definition: {}, ...stamp });
    });
    await this.#reload();
  }

  /** Calls `listener` after every change; whoever made it is answered once it has settled. */
  onChange(listener: () => Promise<void>): void {
    this.#listeners.add(listener);
  }

  /** Oldest first. */
  list<Kind extends DefinitionKind>(kind: Kind): Snapshot[Kind] {
    return this.#all[kind];
  }

  find<Kind extends DefinitionKind>(kind: Kind, id: string): Defined<Kind> | undefined {
    const all: readonly Defined<Kind>[] = this.#all[kind];
    return all.find((one) => one.id === id);
  }

  /** @throws AppError `alert_definition_not_found` */
  get<Kind extends DefinitionKind>(kind: Kind, id: string): Defined<Kind> {
    const found = this.find(kind, id);
    if (!found) throw notFound(kind);
    return found;
  }

  /**
   * @param restores id of one of its kind that was removed: the new one has it, so that what spoke of it does so again
   * @throws AppError `validation_failed`, `name_taken`, `overloaded`, `alert_definition_not_found` when nothing of that id was removed
   */
  async create<Kind extends DefinitionKind>(
    kind: Kind,
    input: object,
    caller: Caller,
    restores?: string,
  ): Promise<Defined<Kind>> {
    const body = bodyOf(kind, input);
    return this.#changing.run(() => {
      if (this.#all[kind].length >= MAX_OF_A_KIND) {
        throw new AppError("overloaded", `There are ${MAX_OF_A_KIND} ${kind}s already.`);
      }
      const verb = restores === undefined ? "create" : "restore";
      return this.#put(kind, restores ?? newId(), body, caller, verb);
    });
  }

  /** @throws AppError `alert_definition_not_found`, `validation_failed`, `name_taken` */
  async replace<Kind extends DefinitionKind>(
    kind: Kind,
    id: string,
    input: object,
    caller: Caller,
  ): Promise<Defined<Kind>> {
    this.get(kind, id);
    const body = bodyOf(kind, input);
    return this.#changing.run(() => this.#put(kind, id, body, caller, "change"));
  }

  /** What a rule raised is resolved with it. @throws AppError `alert_definition_not_found`, `validation_failed` while something refers to it */
  async remove(kind: DefinitionKind, id: string, caller: Caller): Promise<void> {
    return this.#changing.run(() => this.#remove(kind, id, caller));
  }

  async #remove(kind: DefinitionKind, id: string, caller: Caller): Promise<void> {
    const { database, store, clock, audit, ruleEnds } = this.#parts;
    const { name, createdAt } = this.get(kind, id);
    const users = this.#usersOf(id);
    if (users.length > 0) {
      throw new AppError("validation_failed", `${name} is still used by ${users.join(", ")}.`);
    }
    const by = principalName(caller.principal);
    const stamp = { createdAt, updatedAt: clock.now(), updatedBy: by };
    await database.write(async (tx) => {
      await store.put(tx, { id, kind: "removed", name: id, definition: kind, ...stamp });
      await store.forgetRemoved(tx, MAX_REMOVED);
      if (kind === "rule") await ruleEnds(tx, id, by);
      await audit.append(tx, caller, { action: `alert_${kind}.remove`, target: name });
    });
    await this.#reload();
  }

  async #put<Kind extends DefinitionKind>(
    kind: Kind,
    id: string,
    body: Bodies[Kind],
    caller: Caller,
    verb: "create" | "restore" | "change",
  ): Promise<Defined<Kind>> {
    const { database, store, clock, audit, ruleEnds } = this.#parts;
    const issues = problemsOf(kind, body, this.#all, id);
    const [first] = issues;
    if (first) throw new AppError("validation_failed", `${first.path}: ${first.message}.`, { issues });
    const by = principalName(caller.principal);
    await database.write(async (tx) => {
      const before = await store.find(tx, id);
      if (verb === "restore" && (before?.kind !== "removed" || before.definition !== kind)) {
        throw new AppError("alert_definition_not_found", `No ${kind} of that id was removed.`);
      }
      // It may have been removed since it was looked for.
      if (verb === "change" && before?.kind !== kind) throw notFound(kind);
      const namesake = await store.findByName(tx, kind, body.name);
      if (namesake && namesake.id !== id) {
        throw new AppError("name_taken", `There is a ${kind} of that name already.`);
      }
      const now = clock.now();
      const stamp = { createdAt: before?.createdAt ?? now, updatedAt: now, updatedBy: by };
      await store.put(tx, { id, kind, name: body.name, definition: body, ...stamp });
      if (kind === "rule" && verb === "change") await ruleEnds(tx, id, by);
      await audit.append(tx, caller, { action: `alert_${kind}.${verb}`, target: body.name });
    });
    await this.#reload();
    return this.get(kind, id);
  }

  #usersOf(id: string): string[] {
    const { route, rule } = this.#all;
    const routes = route.filter(
      ({ channels, escalation }) =>
        channels.includes(id) || escalation.some((step) => step.channels.includes(id)),
    );
    const rules = rule.filter(({ dependsOn }) => dependsOn.includes(id));
    return [...routes, ...rules].map(({ name }) => name);
  }

  async #reload(): Promise<void> {
    const rows = await this.#parts.store.list();
    const of = <Kind extends DefinitionKind>(kind: Kind): Defined<Kind>[] =>
      rows
        .filter((row) => row.kind === kind)
        .map(({ id, definition, createdAt, updatedAt, updatedBy }) => ({
          // What is stored was checked against the shape of its kind.
          ...(definition as Bodies[Kind]),
          ...{ id, createdAt, updatedAt, updatedBy },
        }));
    this.#all = { rule: of("rule"), channel: of("channel"), route: of("route"), window: of("window") };
    await Promise.all([...this.#listeners].map((listener) => listener()));
  }
}

const notFound = (kind: DefinitionKind): AppError =>
  new AppError("alert_definition_not_found", `There is no such ${kind}.`);

/** An input in the shape of its kind, defaults filled in. @throws AppError `validation_failed` */
const bodyOf = <Kind extends DefinitionKind>(kind: Kind, input: object): Bodies[Kind] =>
  // The compiler does not follow which schema of the table a kind that is still open chooses.
  acceptedInput(DEFINITION_BODIES[kind], input) as Bodies[Kind];
