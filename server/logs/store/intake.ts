import type { Connection, Database } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import { startBreathing } from "../../lib/breathe.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import { type LogLine, levelNumber, levelOf, type NewLine, type Sender } from "../line.ts";
import type { Lines } from "./block.ts";
import { type ColumnLine, Head, marksOf } from "./head.ts";
import { encodeMarks } from "./marks.ts";
import { loadTail } from "./recovery.ts";
import type { Sealer } from "./sealer.ts";
import { LOCAL, type LogSource, type SourceRegistry } from "./source-registry.ts";
import { LINE, lineText, readLineText } from "./text.ts";

/** Lines of one append, whatever they come from: a bound for what waits in memory. */
const MAX_APPEND_LINES = 10_000;

/** What belongs to lines beside them. */
export interface AppendOptions {
  /** Written in the same transaction: how far a file was read. */
  alongside?: ((tx: Connection) => void) | undefined;
  /** Who brings them; this machine unless given. */
  sender?: Sender | undefined;
}

/** How long lines that come in hold the event loop, before requests and timers run. */
const SLICE_MS = 4;
/** Lines between two looks at the clock; a long one of them is 65,536 characters. */
const LINES_A_LOOK = 50;

/** Hears lines once they are stored; they are only made for one who wants them. */
export interface LineListener {
  isListening(): boolean;
  hear(lines: readonly LogLine[]): void;
}

interface IntakeParts {
  database: Database;
  clock: Clock;
  registry: SourceRegistry;
  sealer: Sealer;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
}

/** Where lines come in: each append is a row or a few of the tail, and its mirror in memory; full blocks go to the sealer. */
export class LineIntake {
  readonly #parts: IntakeParts;
  readonly #appending = new Mutex();
  readonly #listeners = new Set<LineListener>();
  /** One for all appends: many small ones in a row hold the event loop as a large one does. */
  readonly #breathe = startBreathing(SLICE_MS);
  #head = new Head(1);

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Lines that are in no block on disk, in their order. */
  get unsealed(): readonly Lines[] {
    return [...this.#parts.sealer.waiting, this.#head.lines];
  }

  /** Hears every line once it is stored, in the order of the numbers. Returns what ends it. */
  listen(listener: LineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the tail back; the sealer has nothing to do. Damaged rows are reported. */
  load(reportDamage: (rowId: number, error: unknown) => void): Promise<void> {
    return this.#appending.run(() => this.loadAtStart(reportDamage));
  }

  /** {@link load} before anything else is under way. */
  loadAtStart(reportDamage: (rowId: number, error: unknown) => void): void {
    const { database, registry, sealer } = this.#parts;
    registry.load(database.reader);
    const { closed, head } = loadTail(database.reader, reportDamage);
    this.#head = head;
    sealer.add(closed);
  }

  /**
   * Stores lines, all of them or none; when it returns, they survive a crash of this process. It waits while too many
   * blocks are being sealed.
   */
  async append(lines: readonly NewLine[], { alongside, sender = LOCAL }: AppendOptions = {}): Promise<void> {
    if (lines.length > MAX_APPEND_LINES) {
      throw new AppError("internal", `At most ${MAX_APPEND_LINES} lines are appended at once.`);
    }
    await this.#appending.run(async () => {
      const { database, clock, registry, sealer } = this.#parts;
      await sealer.room();
      const now = clock.now();
      const { columns, counts } = await this.#columnsOf(lines, sender, now);
      const pieces = piecesOf(this.#head, columns);
      await database.write((tx) => {
        for (const piece of pieces) insertTail(tx, piece);
        registry.save(
          tx,
          [...counts].map(([source, added]) => advanced(source, added, now)),
        );
        alongside?.(tx);
      });
      for (const [source, added] of counts) Object.assign(source, advanced(source, added, now));
      const firstId = this.#head.nextId;
      this.#put(pieces);
      await this.#tell(firstId, columns);
    });
  }

  async #columnsOf(lines: readonly NewLine[], sender: Sender, now: number) {
    const { registry, scrub } = this.#parts;
    const counts = new Map<LogSource, number>();
    const columns: ColumnLine[] = [];
    for (const { at, level, source: name, message, fields } of lines) {
      if (columns.length % LINES_A_LOOK === 0) await this.#breathe();
      const source = registry.intern(name, sender, now);
      counts.set(source, (counts.get(source) ?? 0) + 1);
      const text = scrub(lineText(message, fields)).toWellFormed();
      columns.push({ at: Math.round(at), level: levelNumber(level), sourceId: source.id, text });
    }
    return { columns, counts };
  }

  #put(pieces: readonly Piece[]): void {
    const closed: Lines[] = [];
    for (const { lines } of pieces) {
      this.#head.put(lines);
      if (!this.#head.isFull) continue;
      closed.push(this.#head.lines);
      this.#head = new Head(this.#head.nextId);
    }
    this.#parts.sealer.add(closed);
  }

  async #tell(firstId: number, columns: readonly ColumnLine[]): Promise<void> {
    for (let start = 0; start < columns.length; start += LINES_A_LOOK) {
      const listeners = [...this.#listeners].filter((listener) => listener.isListening());
      if (listeners.length === 0) return;
      const some = columns.slice(start, start + LINES_A_LOOK);
      const lines = some.map((column, index) => this.#lineOf(firstId + start + index, column));
      for (const listener of listeners) listener.hear(lines);
      await this.#breathe();
    }
  }

  #lineOf(id: number, { at, level, sourceId, text }: ColumnLine): LogLine {
    const source = this.#parts.registry.nameOf(sourceId);
    return { id, at, level: levelOf(level), source, ...readLineText(text) };
  }
}

/** Lines of an append that lie in one block. */
interface Piece {
  firstId: number;
  lines: readonly ColumnLine[];
}

/** Cuts lines where blocks end: a row of the tail belongs to one block. */
function piecesOf(head: Head, columns: readonly ColumnLine[]): Piece[] {
  const pieces: Piece[] = [];
  let next = head;
  for (let start = 0; start < columns.length; ) {
    const count = next.roomFor(columns, start);
    pieces.push({ firstId: head.nextId + start, lines: columns.slice(start, start + count) });
    start += count;
    next = new Head(head.nextId + start);
  }
  return pieces;
}

function insertTail({ $client }: Connection, { firstId, lines }: Piece): void {
  const texts = lines.map(({ text }) => text).join(LINE);
  $client.query("INSERT INTO log_tail VALUES (?, ?, ?)").run(firstId, encodeMarks(marksOf(lines)), texts);
}

const advanced = (source: LogSource, added: number, now: number): LogSource => ({
  ...source,
  lastSeenAt: now,
  lines: source.lines + added,
});
