import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Configuration } from "../../../server/config/configuration.ts";
import { ConfigurationFiles } from "../../../server/config/configuration-files.ts";
import { environmentLayer } from "../../../server/config/environment.ts";
import { Database } from "../../../server/database/database.ts";
import { type Clock, systemClock } from "../../../server/lib/clock.ts";
import { type LogFields, type Logger, silentLogger } from "../../../server/logs/logger.ts";
import { Timers } from "../../../server/scheduler/timers.ts";
import { Audit } from "../../../server/security/audit.ts";
import { AuditStore } from "../../../server/security/audit-store.ts";
import type { Caller } from "../../../server/security/caller.ts";
import { OWNER } from "../../../server/security/principal.ts";
import { ConfigurationEditor } from "../../../server/settings/configuration-editor.ts";
import { FileReload } from "../../../server/settings/file-reload.ts";
import { HistoryStore } from "../../../server/settings/history-store.ts";
import { ConfigurationJournal } from "../../../server/settings/journal.ts";
import { loadOverrides } from "../../../server/settings/overrides.ts";
import { Proposals } from "../../../server/settings/proposals.ts";
import { TempFolder } from "../../support/temp-folder.ts";

export const BY_OWNER: Caller = { principal: OWNER, correlationId: "test", clientAddress: "offline" };

interface HouseOptions {
  clock?: Clock;
  environment?: Readonly<Record<string, string>>;
  /** Relative path → text, written before anything is read. */
  files?: Readonly<Record<string, string>>;
  environmentName?: string;
}

interface Published {
  name: string;
  payload: Readonly<Record<string, unknown>>;
}

/** The configuration over real files and a real database in a folder of the test's own. */
export class SettingsHouse implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly clock: Clock;
  readonly timers: Timers;
  readonly database: Database;
  readonly files: ConfigurationFiles;
  readonly configuration: Configuration;
  readonly history: HistoryStore;
  readonly audit: Audit;
  readonly journal: ConfigurationJournal;
  readonly editor: ConfigurationEditor;
  readonly proposals: Proposals;
  readonly reload: FileReload;
  readonly published: Published[] = [];
  readonly logged: { message: string; fields: LogFields }[] = [];

  constructor({ clock = systemClock, environment = {}, files = {}, environmentName }: HouseOptions = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.clock = clock;
    this.database = Database.open({
      path: this.folder.file("state.db"),
      migrations: STATE_MIGRATIONS,
      synchronous: "NORMAL",
    });
    this.timers = new Timers(clock, silentLogger);
    this.files = new ConfigurationFiles({ folder: this.folder.path, environmentName });
    this.configuration = new Configuration([...this.files.read(), environmentLayer(environment)], {
      environment,
    });
    this.history = new HistoryStore(this.database);
    this.audit = new Audit(this.database, new AuditStore(this.database), clock, new Uint8Array(32).fill(7));
    const { configuration, database, history, audit, timers } = this;
    const log = this.#recordingLog();
    const events = {
      publish: (name: string, payload: object) => void this.published.push({ name, payload: { ...payload } }),
    };
    this.journal = new ConfigurationJournal({ configuration, clock, log, events });
    const { journal } = this;
    this.editor = new ConfigurationEditor({ configuration, database, history, audit, journal, clock });
    this.proposals = new Proposals(configuration, history);
    this.reload = new FileReload({
      configuration,
      files: this.files,
      editor: this.editor,
      journal,
      timers,
      clock,
      log,
    });
  }

  /** What a start does with what is stored. */
  async open(): Promise<this> {
    loadOverrides(this.configuration, await this.editor.overrides());
    this.configuration.hold();
    return this;
  }

  write(name: string, text: string): void {
    const path = this.folder.file(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** As careful programs do: written beside, moved into place. */
  replace(name: string, text: string): void {
    const path = this.folder.file(name);
    const beside = join(dirname(path), `.${name}.partial`);
    writeFileSync(beside, text);
    renameSync(beside, path);
  }

  stored<Row>(query: string): Row[] {
    return this.database.reader.$client.query<Row, []>(query).all();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reload.stop();
    await this.timers.stop();
    await this.database.close();
    this.folder[Symbol.dispose]();
  }

  #recordingLog(): Logger {
    const record = (message: string, fields: LogFields = {}) => void this.logged.push({ message, fields });
    return { debug: record, info: record, warning: record, error: record, child: () => this.#recordingLog() };
  }
}
