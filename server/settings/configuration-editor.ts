import { covers } from "../../schema/rules/scopes.ts";
import type { Configuration, SettingChange } from "../config/configuration.ts";
import { InvalidConfiguration } from "../config/invalid-configuration.ts";
import { isLocking } from "../config/layers.ts";
import { findSetting, SECTIONS } from "../config/schema.ts";
import { unknownKey } from "../config/setting-problem.ts";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import { principalName } from "../security/principal.ts";
import type { HistoryStore, RecordedChange, Revision, RevisionAction } from "./history-store.ts";
import type { ConfigurationJournal } from "./journal.ts";
import {
  changedOverrides,
  type ImportMode,
  type Overrides,
  overrideChanges,
  overrideLayer,
  readImport,
  type SkippedKey,
  usableOverrides,
  withoutStale,
} from "./overrides.ts";
import { settingViews, shownChange } from "./setting-view.ts";

/** Overrides to set and to take back, as one change. */
export interface OverrideEdit {
  set?: Overrides | undefined;
  unset?: readonly string[] | undefined;
}

/** What the author of a change says about it. */
export interface EditTerms {
  /** The revision it was made upon: when another came between, it is refused. */
  expectedRevision?: number | undefined;
  note?: string | undefined;
}

/** What a change has done. */
export interface Edited {
  revision: number;
  /** Overrides, as written. */
  changes: RecordedChange[];
  /** Keys that take effect at the next start. */
  needsRestart: string[];
  /** What was left out, and why. */
  skipped: SkippedKey[];
}

interface EditorParts {
  configuration: Configuration;
  database: Database;
  history: HistoryStore;
  audit: Audit;
  journal: ConfigurationJournal;
  clock: Clock;
}

/** How a stored change comes about: from the overrides before it, what they are after it. */
type Draft = (before: Overrides, tx: Connection) => Promise<{ after: Overrides; skipped: SkippedKey[] }>;

const MAX_REVISIONS = 1_000;
const NOTHING: Overrides = {};

/**
 * Run-time overrides and their history. Each change is validated against everything else that is in force, written
 * with its audit line in one unit of work, and in force when the call returns.
 */
export class ConfigurationEditor {
  readonly #parts: EditorParts;
  /** One change at a time from reading to taking effect: the last that was written is the one in force. */
  readonly #editing = new Mutex();

  constructor(parts: EditorParts) {
    this.#parts = parts;
  }

  /** Every setting with its value and origin, and the revision an edit of it is based upon. */
  async describe() {
    const items = settingViews(this.#parts.configuration);
    return { revision: await this.revision(), sections: SECTIONS.map((section) => ({ ...section })), items };
  }

  /** The number of the last change; 0 before the first. */
  async revision(): Promise<number> {
    return (await this.#parts.history.findNewest())?.revision ?? 0;
  }

  /**
   * Sets and takes back overrides, all or none.
   * @throws InvalidConfiguration; AppError `setting_locked` when the environment or a flag holds a key,
   *   `revision_conflict` when the configuration changed since `expectedRevision`.
   */
  async change(edit: OverrideEdit, terms: EditTerms, caller: Caller): Promise<Edited> {
    const { set = NOTHING, unset = [] } = edit;
    this.#refuseLocked(Object.keys(set));
    return this.#commit("change", terms, caller, async (before) => {
      refuseUnknown(unset.filter((key) => !Object.hasOwn(before, key)));
      return { after: changedOverrides(before, set, unset), skipped: [] };
    });
  }

  /**
   * Puts the overrides back as they were after a revision; 0 is before the first. Overrides that this version cannot take stay out.
   * @throws AppError `revision_not_found`, `revision_conflict`; InvalidConfiguration.
   */
  async rollback(revision: number, terms: EditTerms, caller: Caller): Promise<Edited> {
    return this.#commit(
      "rollback",
      { note: `Back to revision ${revision}`, ...terms },
      caller,
      async (_before, tx) => {
        const overrides = revision === 0 ? NOTHING : (await this.#get(revision, tx)).overrides;
        const { usable, problems } = usableOverrides(overrides);
        return {
          after: usable,
          skipped: problems.map(({ path, message }) => ({ key: path, reason: message })),
        };
      },
    );
  }

  /**
   * Takes the settings of a YAML or JSON text as overrides: beside those there are, or in place of them. Settings that
   * belong to a machine are left out and named.
   * @throws InvalidConfiguration with line and column; AppError `revision_conflict`.
   */
  async import(text: string, mode: ImportMode, terms: EditTerms, caller: Caller): Promise<Edited> {
    const { overrides, skipped } = readImport(text);
    return this.#commit("import", terms, caller, async (before) => ({
      after: mode === "replace" ? overrides : changedOverrides(before, overrides, []),
      skipped,
    }));
  }

  /** The overrides as they are stored. */
  async overrides(): Promise<Overrides> {
    return (await this.#parts.history.findNewest())?.overrides ?? NOTHING;
  }

  /** Newest first. */
  listHistory(query: PageQuery): Promise<Page<Revision>> {
    return this.#parts.history.list(query);
  }

  /** @throws AppError `revision_not_found` */
  getRevision(revision: number): Promise<Revision> {
    return this.#get(revision);
  }

  /** Writes into the history what came from outside: an edited file, the remote source. */
  async recordOutside(
    action: "file" | "remote",
    actor: string,
    changes: readonly SettingChange[],
  ): Promise<void> {
    const { database, history, clock } = this.#parts;
    await database.write(async (tx) => {
      const newest = await history.findNewest(tx);
      const revision = await history.append(tx, {
        at: clock.now(),
        actor,
        action,
        note: "",
        correlationId: "",
        changes: changes.map(shownChange),
        overrides: newest?.overrides ?? {},
      });
      await history.removeUpTo(tx, revision - MAX_REVISIONS);
    });
  }

  #commit(action: RevisionAction, terms: EditTerms, caller: Caller, draft: Draft): Promise<Edited> {
    const { configuration, database, journal } = this.#parts;
    return this.#editing.run(async () => {
      const { after, ...written } = await database.write((tx) =>
        this.#write(tx, action, terms, caller, draft),
      );
      const replacement = configuration.put(["override"], [overrideLayer(usableOverrides(after).usable)]);
      journal.accepted("overrides", replacement, principalName(caller.principal));
      const { pendingRestart } = configuration;
      return {
        ...written,
        needsRestart: written.changes.map(({ key }) => key).filter((key) => pendingRestart.has(key)),
      };
    });
  }

  /** Within the unit of work: reads what is there, checks, writes revision and audit line. */
  async #write(tx: Connection, action: RevisionAction, terms: EditTerms, caller: Caller, draft: Draft) {
    const { configuration, history, audit, clock } = this.#parts;
    const newest = await history.findNewest(tx);
    refuseStale(newest, terms.expectedRevision);
    const before = newest?.overrides ?? NOTHING;
    const { after, skipped } = await draft(before, tx);
    const changes = overrideChanges(before, after);
    if (changes.length === 0) return { revision: newest?.revision ?? 0, changes, skipped, after };
    refuseWithoutScope(changes, caller);
    configuration.preview(["override"], [overrideLayer(withoutStale(before, after))]);
    const revision = await history.append(tx, {
      at: clock.now(),
      actor: principalName(caller.principal),
      action,
      note: terms.note ?? "",
      correlationId: caller.correlationId,
      changes,
      overrides: { ...after },
    });
    await history.removeUpTo(tx, revision - MAX_REVISIONS);
    await audit.append(tx, caller, {
      action: `config.${action}`,
      target: `revision ${revision}`,
      detail: { changes },
    });
    return { revision, changes, skipped, after };
  }

  async #get(revision: number, db?: Connection): Promise<Revision> {
    const found = await this.#parts.history.find(revision, db);
    if (found) return found;
    throw new AppError("revision_not_found", `There is no revision ${revision} of the configuration.`);
  }

  #refuseLocked(keys: readonly string[]): void {
    const { origins } = this.#parts.configuration.merged;
    for (const key of keys) {
      const origin = origins.get(key);
      if (!origin || !isLocking(origin)) continue;
      const holder = origin.variable
        ? `the environment variable ${origin.variable}`
        : "a flag of the command line";
      throw new AppError("setting_locked", `${key} is held by ${holder}; an override would have no effect.`);
    }
  }
}

/** Who may change settings may not, by that alone, decide who may enter. @throws AppError `scope_missing` */
function refuseWithoutScope(changes: readonly RecordedChange[], { principal }: Caller): void {
  for (const { key } of changes) {
    const scope = findSetting(key)?.schema.scope;
    if (scope !== undefined && !covers(principal.scopes, scope))
      throw new AppError("scope_missing", `Changing ${key} needs the scope ${scope}.`);
  }
}

function refuseStale(newest: Revision | undefined, expected: number | undefined): void {
  const revision = newest?.revision ?? 0;
  if (expected === undefined || expected === revision) return;
  const by = newest ? ` by ${newest.actor}` : "";
  throw new AppError(
    "revision_conflict",
    `The configuration was changed${by} since revision ${expected}; it is at revision ${revision} now. Look at it again.`,
  );
}

/** An override that is stored may be taken back whatever its key; any other must at least be a setting. */
function refuseUnknown(keys: readonly string[]): void {
  const problems = keys
    .filter((key) => !findSetting(key))
    .map((path) => ({ path, message: unknownKey(path), origin: "unset" }));
  if (problems.length > 0) throw new InvalidConfiguration(problems);
}
