import type { Connection } from "../../database/database.ts";
import { OWN_SOURCE, type Sender } from "../line.ts";

/** What this machine reads by itself. */
export const LOCAL: Sender = { id: "", name: "" };
/** Sources there may be. */
const MAX_SOURCES = 2_000;
/** Sources that the files of this machine may name, and that each sender may; the rest is kept under one name of theirs. */
const MAX_LOCAL_SOURCES = 1_000;
const MAX_SENT_SOURCES = 100;
/** Names for the rest; where there are as many, it stands under {@link OTHER_SOURCE}. */
const MAX_REST_SOURCES = 100;
const OTHER_SOURCE = "other";
const MAX_NAME_LENGTH = 100;
/** What is looked at of a name that somebody sent. */
const MAX_GIVEN_LENGTH = 1_000;
const UNPRINTABLE = /\p{Cc}/gu;
/** What makes no difference to who reads a name: spaces and characters that draw nothing. */
const INVISIBLE = /[\p{Z}\p{Cf}]/gu;

/** Who speaks. */
export interface LogSource {
  id: number;
  name: string;
  firstSeenAt: number;
  lastSeenAt: number;
  /** Lines ever taken. */
  lines: number;
  /** Who named it first. */
  sender: string;
}

interface SourceRow {
  id: number;
  name: string;
  first_seen_at: number;
  last_seen_at: number;
  lines: number;
  sender: string;
}

/** The sources by name, mirrored in memory. */
export class SourceRegistry {
  readonly #byName = new Map<string, LogSource>();
  readonly #byId = new Map<number, LogSource>();
  /** How many each sender has named. */
  readonly #named = new Map<string, number>();

  /** Reads what is stored. */
  load({ $client }: Connection): void {
    this.#byName.clear();
    this.#byId.clear();
    this.#named.clear();
    for (const row of $client.query<SourceRow, []>("SELECT * FROM log_sources").all()) {
      this.#add({
        id: row.id,
        name: row.name,
        firstSeenAt: row.first_seen_at,
        lastSeenAt: row.last_seen_at,
        lines: row.lines,
        sender: row.sender,
      });
    }
  }

  /**
   * The source of that name, made when it is new; it is stored by {@link save}. A sender that has named too many gets
   * `other of <sender>` for every further one, so that none is left without for the sake of another.
   */
  intern(given: string, sender: Sender, now: number): LogSource {
    const name = sender.id === LOCAL.id ? nameOf(given) : sentNameOf(given);
    const most = sender.id === LOCAL.id ? MAX_LOCAL_SOURCES : MAX_SENT_SOURCES;
    const mayName = (this.#named.get(sender.id) ?? 0) < most && this.#byName.size < MAX_SOURCES;
    return this.#byName.get(name) ?? (mayName ? this.#make(name, sender.id, now) : this.#restOf(sender, now));
  }

  #restOf(sender: Sender, now: number): LogSource {
    const own = sender.id === LOCAL.id ? OTHER_SOURCE : `${OTHER_SOURCE} of ${sender.name}`;
    const name = own.slice(0, MAX_NAME_LENGTH).toWellFormed();
    const hasRoom = this.#byName.size < MAX_SOURCES + MAX_REST_SOURCES;
    const known = this.#byName.get(name) ?? (hasRoom ? undefined : this.#byName.get(OTHER_SOURCE));
    return known ?? this.#make(hasRoom ? name : OTHER_SOURCE, sender.id, now);
  }

  /** Writes the counts of these sources as they are now. */
  save({ $client }: Connection, sources: Iterable<LogSource>): void {
    for (const { id, name, firstSeenAt, lastSeenAt, lines, sender } of sources) {
      $client
        .query("INSERT OR REPLACE INTO log_sources VALUES (?, ?, ?, ?, ?, ?)")
        .run(id, name, firstSeenAt, lastSeenAt, lines, sender);
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

  #make(name: string, sender: string, now: number): LogSource {
    return this.#add({
      id: this.#freeId(),
      name,
      firstSeenAt: now,
      lastSeenAt: now,
      lines: 0,
      sender,
    });
  }

  /** Those that could not be stored have left gaps: one more than there are may be taken. */
  #freeId(): number {
    let id = this.#byId.size + 1;
    while (this.#byId.has(id)) id++;
    return id;
  }

  #add(source: LogSource): LogSource {
    this.#named.set(source.sender, (this.#named.get(source.sender) ?? 0) + 1);
    this.#byName.set(source.name, source);
    this.#byId.set(source.id, source);
    return source;
  }
}

/** As it will be stored: half a character would be replaced there, and two sources have one name. */
function nameOf(given: string): string {
  const cut = given.slice(0, MAX_GIVEN_LENGTH).replace(UNPRINTABLE, " ").trim().slice(0, MAX_NAME_LENGTH);
  return cut.toWellFormed() || OTHER_SOURCE;
}

/** Of what somebody sent: never our own, or their lines would be taken for ours. */
function sentNameOf(given: string): string {
  const name = nameOf(given);
  return name.replace(INVISIBLE, "").toLowerCase() === OWN_SOURCE ? `${name} (reported)` : name;
}
