import { LOGS_MIGRATIONS } from "../../../schema/migrations/logs/index.ts";
import { Database } from "../../../server/database/database.ts";
import type { LineFilter } from "../../../server/logs/filter.ts";
import type { LogLine, NewLine } from "../../../server/logs/line.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import type { DiskSpace, LogRetention } from "../../../server/logs/retention.ts";
import { LOGS_FILE, LogStore } from "../../../server/logs/store.ts";
import { parseTextQuery } from "../../../server/logs/text-query.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TempFolder } from "../../support/temp-folder.ts";

export const START = Date.UTC(2030, 0, 1);
export const DAY_MS = 86_400_000;
const NEWEST = Number.MAX_SAFE_INTEGER;

/** A store on a real file in a folder of its own, with a clock that the test owns. */
export class LogFixture implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly clock = new ManualClock(START);
  disk: DiskSpace = { freeBytes: 50, totalBytes: 100 };
  readonly pauses: string[] = [];
  database = this.#openDatabase();
  store = this.#openStore();

  /** Appends plain lines of one source at the clock's time. */
  add(messages: readonly string[], rest: Partial<NewLine> = {}): Promise<void> {
    return this.store.append(messages.map((message) => this.line(message, rest)));
  }

  line(message: string, rest: Partial<NewLine> = {}): NewLine {
    return { at: this.clock.now(), level: "info", source: "web", message, ...rest };
  }

  /** What a search finds, newest first, page after page. */
  async search(text: string, filter: LineFilter = {}, most = 100): Promise<LogLine[]> {
    const found: LogLine[] = [];
    let start: number | undefined = NEWEST;
    while (start !== undefined) {
      const wanted = { ...filter, text: parseTextQuery(text) };
      const page = await this.store.lines.list(wanted, { start, direction: "down", most });
      found.push(...page.lines);
      start = page.next;
    }
    return found;
  }

  async messages(text = "", filter: LineFilter = {}): Promise<string[]> {
    return (await this.search(text, filter)).map(({ message }) => message);
  }

  /** What the next start makes of the files; nothing is kept in memory. */
  async restart(): Promise<void> {
    await this.close();
    this.database = this.#openDatabase();
    this.store = this.#openStore();
  }

  configure(retention: Partial<LogRetention>): void {
    this.store.configure({ days: 14, budgetBytes: 1024 ** 3, minFreePercent: 5, ...retention });
  }

  /** Lets go of the files, as a stop of the server does. */
  async close(): Promise<void> {
    await this.store.close();
    await this.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.folder[Symbol.dispose]();
  }

  #openDatabase(): Database {
    return Database.open({ path: this.folder.file("logs.db"), migrations: LOGS_MIGRATIONS, ...LOGS_FILE });
  }

  #openStore(): LogStore {
    return LogStore.open({
      database: this.database,
      clock: this.clock,
      log: silentLogger,
      readDisk: () => this.disk,
      pauses: {
        paused: () => this.pauses.push("paused"),
        resumed: () => this.pauses.push("resumed"),
      },
    });
  }
}
