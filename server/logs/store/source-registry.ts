import type { Connection } from "../../database/database.ts";

/** Sources there may be; lines of a further one are kept under {@link OTHER_SOURCE}. */
export const MAX_SOURCES = 1_000;
export const OTHER_SOURCE = "other";
const MAX_NAME_LENGTH = 100;
/** What is looked at of a name that somebody sent. */
const MAX_GIVEN_LENGTH = 1_000;
const UNPRINTABLE = /\p{Cc}/gu;

/** Who speaks. */
export interface LogSource {
  id: number;
  name: string;
  firstSeenAt: number;
  lastSeenAt: number;
  /** Lines ever taken. */
  lines: number;
}

interface SourceRow {
  id: number;
  name: string;
  first_seen_at: number;
  last_seen_at: number;
  lines: number;
}

/** The sources by name, mirrored in memory. */
export class SourceRegistry {
  readonly #byName = new Map<string, LogSource>();
  readonly #byId = new Map<number, LogSource>();

  /** Reads what is stored. */
  load({ $client }: Connection): void {
    this.#byName.clear();
    this.#byId.clear();
    for (const row of $client.query<SourceRow, []>("SELECT * FROM log_sources").all()) {
      this.#add({
        id: row.id,
        name: row.name,
        firstSeenAt: row.first_seen_at,
        lastSeenAt: row.last_seen_at,
        lines: row.lines,
      });
    }
  }

  /** The source of that name, made when it is new; it is stored by {@link save}. */
  intern(given: string, now: number): LogSource {
    // As it will be stored: half a character would be replaced there, and two sources have one name.
    const cut = given.slice(0, MAX_GIVEN_LENGTH).replace(UNPRINTABLE, " ").trim().slice(0, MAX_NAME_LENGTH);
    const name = cut.toWellFormed() || OTHER_SOURCE;
    const known = this.#byName.get(name);
    if (known) return known;
    // One place is kept for the source of all the others.
    if (this.#byName.size >= MAX_SOURCES - 1 && name !== OTHER_SOURCE) return this.intern(OTHER_SOURCE, now);
    return this.#add({ id: this.#byName.size + 1, name, firstSeenAt: now, lastSeenAt: now, lines: 0 });
  }

  /** Writes the counts of these sources as they are now. */
  save({ $client }: Connection, sources: Iterable<LogSource>): void {
    for (const { id, name, firstSeenAt, lastSeenAt, lines } of sources) {
      $client
        .query("INSERT OR REPLACE INTO log_sources VALUES (?, ?, ?, ?, ?)")
        .run(id, name, firstSeenAt, lastSeenAt, lines);
    }
  }

  nameOf(id: number): string {
    return this.#byId.get(id)?.name ?? OTHER_SOURCE;
  }

  /** Numbers of the sources that are known of these. */
  idsOf(names: readonly string[]): number[] {
    return names.flatMap((name) => this.#byName.get(name)?.id ?? []);
  }

  /** By name. */
  list(): LogSource[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #add(source: LogSource): LogSource {
    this.#byName.set(source.name, source);
    this.#byId.set(source.id, source);
    return source;
  }
}
