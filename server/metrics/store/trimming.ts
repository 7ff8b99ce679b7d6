import type { Connection, Database } from "../../database/database.ts";
import { ageFloor, forgetBefore, nextSizeFloor, type Retention, trimTarget } from "../retention.ts";
import { type Resolution, TIERS, type Tier } from "../tiers.ts";
import { deleteChunks, firstChunkAt } from "./chunk-table.ts";
import { fileSizeBytes } from "./file-size.ts";
import { deleteSeries, type SeriesRegistry, type StoredSeries } from "./series-registry.ts";

/** Series whose old chunks are deleted in one transaction. */
const SERIES_PER_TRANSACTION = 128;
/** Pages given back in one transaction: about 4 MB moved at most. */
const PAGES_PER_TRANSACTION = 1_000;
/** Free pages up to this share of the file, or this many, stay in it: the log and the next chunks use them again. */
const SLACK_SHARE = 0.1;
const SLACK_PAGES = 256;
/** What goes when the file is too large: the finest and oldest first. */
const TRIM_ORDER: readonly Tier[] = [TIERS.raw, TIERS["1m"], TIERS["1h"]];

type Breathe = () => Promise<void> | void;

/** Where each tier begins; kept in the file, so that a query knows what a tier cannot answer any more. */
export type Floors = Record<Resolution, number>;

/** Reads the floors; 0 where nothing was deleted yet. */
export function loadFloors(connection: Connection): Floors {
  const floors: Floors = { raw: 0, "1m": 0, "1h": 0 };
  const rows = connection.$client.query<{ tier: number; floor_at: number }, []>("SELECT * FROM tier_floors");
  for (const row of rows.all()) {
    const tier = TRIM_ORDER.find(({ number }) => number === row.tier);
    if (tier) floors[tier.name] = row.floor_at;
  }
  return floors;
}

/** Deletes what is past its age, then what the budget does not allow, then series that have nothing left. */
export class Trimmer {
  readonly #database: Database;
  readonly #registry: SeriesRegistry;
  readonly #floors: Floors;

  constructor(database: Database, registry: SeriesRegistry, floors: Floors) {
    this.#database = database;
    this.#registry = registry;
    this.#floors = floors;
  }

  /**
   * Samples that are not rolled up yet stay, whatever their age: the day after they are.
   *
   * A crash leaves some series trimmed and others not; the floor is raised first, so that queries agree, and the next
   * run deletes the rest.
   */
  async trimByAge(now: number, retention: Retention, breathe: Breathe): Promise<void> {
    for (const tier of TRIM_ORDER) await this.#raiseFloor(tier, ageFloor(tier.name, now, retention), breathe);
  }

  /**
   * Brings the file below its budget: the oldest samples first, then the oldest minutes, then hours, and gives the
   * pages back to the file system. Returns whether anything had to go.
   */
  async trimBySize(retention: Retention, breathe: Breathe): Promise<boolean> {
    const targetBytes = trimTarget(fileSizeBytes(this.#database), retention);
    if (targetBytes === undefined) return false;
    await this.shrink(breathe);
    for (const tier of TRIM_ORDER) {
      const endAt = this.#rolledUntil();
      for (;;) {
        if (fileSizeBytes(this.#database) <= targetBytes) return true;
        const oldestAt = this.#oldestAt(tier);
        if (oldestAt === undefined || oldestAt >= endAt) break;
        const deleted = await this.#raiseFloor(tier, nextSizeFloor(tier.name, oldestAt, endAt), breathe);
        if (deleted === 0) break;
        await this.shrink(breathe);
      }
    }
    return true;
  }

  /** Shrinks the file when much of it is empty, as after a shorter retention was set. */
  async shrinkWhenSlack(breathe: Breathe): Promise<void> {
    const { $client } = this.#database.reader;
    const pages = $client.query<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count ?? 0;
    if (this.#freePages() > Math.max(SLACK_PAGES, pages * SLACK_SHARE)) await this.shrink(breathe);
  }

  /** Gives all free pages back, in steps; the file gets shorter when the WAL is folded in. */
  async shrink(breathe: Breathe): Promise<void> {
    while (this.#freePages() > 0) {
      await this.#database.write((tx) => {
        tx.$client.run(`PRAGMA incremental_vacuum(${PAGES_PER_TRANSACTION})`);
      });
      await breathe();
    }
    await this.#database.foldWal();
  }

  /** Forgets series without samples for longer than anything is kept. */
  async forgetVanished(now: number, retention: Retention): Promise<void> {
    const before = forgetBefore(now, retention);
    const gone = this.#registry
      .list()
      .filter((series) => series.lastSeenAt < before && !this.#hasChunks(series));
    if (gone.length === 0) return;
    await this.#database.write((tx) => {
      for (const series of gone) deleteSeries(tx, series);
    });
    for (const series of gone) this.#registry.remove(series);
  }

  async #raiseFloor(tier: Tier, floorAt: number, breathe: Breathe): Promise<number> {
    if (floorAt <= this.#floors[tier.name]) return 0;
    await this.#database.write((tx) => {
      tx.$client.query("INSERT OR REPLACE INTO tier_floors VALUES (?, ?)").run(tier.number, floorAt);
    });
    this.#floors[tier.name] = floorAt;
    let deleted = 0;
    const all = this.#registry.list();
    for (let at = 0; at < all.length; at += SERIES_PER_TRANSACTION) {
      await this.#database.write((tx) => {
        for (const series of all.slice(at, at + SERIES_PER_TRANSACTION)) {
          const end = tier === TIERS.raw ? Math.min(floorAt, series.rolledUntil) : floorAt;
          deleted += deleteChunks(tx, series.id, tier, 0, end);
        }
      });
      await breathe();
    }
    return deleted;
  }

  #freePages(): number {
    const { $client } = this.#database.reader;
    return $client.query<{ freelist_count: number }, []>("PRAGMA freelist_count").get()?.freelist_count ?? 0;
  }

  #rolledUntil(): number {
    return this.#registry.list().reduce((latest, series) => Math.max(latest, series.rolledUntil), 0);
  }

  #oldestAt(tier: Tier): number | undefined {
    let oldest: number | undefined;
    for (const series of this.#registry.list()) {
      const at = firstChunkAt(this.#database.reader, series.id, tier, 0);
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at;
    }
    return oldest;
  }

  #hasChunks({ id }: StoredSeries): boolean {
    const row = this.#database.reader.$client
      .query("SELECT 1 FROM chunks WHERE series_id = ? LIMIT 1")
      .get(id);
    return row !== null;
  }
}
