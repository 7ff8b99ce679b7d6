import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LOGS_MIGRATIONS } from "../../schema/migrations/logs/index.ts";
import { Database } from "../../server/database/database.ts";
import { systemClock } from "../../server/lib/clock.ts";
import type { NewLine } from "../../server/logs/line.ts";
import { silentLogger } from "../../server/logs/logger.ts";
import { LOGS_FILE, LogStore } from "../../server/logs/store.ts";
import { parseTextQuery } from "../../server/logs/text-query.ts";
import type { Benchmark, Figure } from "./model.ts";

const LINES = 10_000_000;
const BATCH = 1_000;
/** Batches made at a time, so that making them is not taken for what the store does. */
const BATCHES_AT_ONCE = 10;
/** One batch of so many is packed by gzip, for comparison. */
const PACKED_SHARE = 50;
const SEARCHES = 40;
const PAGE = 100;
const NS_PER_MS = 1e6;
const START = Date.UTC(2030, 0, 1);
const SEARCH_GOAL_MS = 200;
const HELD_GOAL_MS = 10;
const PATHS = ["/api/orders", "/api/orders/search", "/login", "/static/app.js", "/api/users/me", "/cart"];
const SLOW_LINE = { every: 997, message: "connection reset by peer while reading the upstream" };

/** A batch of lines as web services write them; every one has a trace id of its own. */
function batchFrom(first: number): NewLine[] {
  return Array.from({ length: BATCH }, (_, index): NewLine => {
    const n = first + index;
    const at = START + n * 7;
    const fields = { traceId: traceOf(n), client: `10.0.${n % 251}.${(n * 7) % 253}`, ms: (n * 31) % 997 };
    if (n % SLOW_LINE.every === 0)
      return { at, level: "error", source: "web", message: SLOW_LINE.message, fields };
    const path = PATHS[n % PATHS.length] ?? "/";
    const message = `GET ${path}/${(n * 7_919) % 100_003} ${n % 40 === 0 ? 404 : 200} for user${n % 5_000}`;
    return {
      at,
      level: n % 40 === 0 ? "warning" : "info",
      source: n % 3 === 0 ? "api" : "web",
      message,
      fields,
    };
  });
}

const traceOf = (n: number): string =>
  Bun.hash(String(n)).toString(16).padStart(16, "0") + Bun.hash(`${n}b`).toString(16).padStart(16, "0");

const asText = (lines: readonly NewLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");

interface Written {
  storeMs: number;
  rawMs: number;
  longestAppendMs: number;
  /** How late timers fired. */
  heldMs: { p99: number; longest: number };
  textBytes: number;
  /** Of the share of batches that were packed. */
  packed: { textBytes: number; gzipBytes: number };
}

/** Writes the same to a plain file, and packs it when it is due. */
function compare(lines: readonly NewLine[], rawFile: number, written: Written, isPacked: boolean): void {
  const text = Buffer.from(asText(lines));
  const rawAt = performance.now();
  writeSync(rawFile, text);
  written.rawMs += performance.now() - rawAt;
  written.textBytes += text.length;
  if (!isPacked) return;
  written.packed.textBytes += text.length;
  written.packed.gzipBytes += Bun.gzipSync(text).length;
}

async function write(store: LogStore, rawFile: number): Promise<Written> {
  const written: Written = {
    storeMs: 0,
    rawMs: 0,
    longestAppendMs: 0,
    heldMs: { p99: 0, longest: 0 },
    textBytes: 0,
    packed: { textBytes: 0, gzipBytes: 0 },
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  for (let first = 0; first < LINES; first += BATCH * BATCHES_AT_ONCE) {
    const batches = Array.from({ length: BATCHES_AT_ONCE }, (_, index) => batchFrom(first + index * BATCH));
    delay.enable();
    for (const lines of batches) {
      const startedAt = performance.now();
      await store.append(lines);
      const tookMs = performance.now() - startedAt;
      written.storeMs += tookMs;
      written.longestAppendMs = Math.max(written.longestAppendMs, tookMs);
    }
    await nextTurn();
    delay.disable();
    for (const [index, lines] of batches.entries()) {
      compare(lines, rawFile, written, (first / BATCH + index) % PACKED_SHARE === 0);
    }
  }
  written.heldMs = { p99: delay.percentile(99) / NS_PER_MS, longest: delay.max / NS_PER_MS };
  return written;
}

/** 95th percentile of a page of hits. */
async function searchP95(store: LogStore, queryOf: (round: number) => string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < SEARCHES; round++) {
    const startedAt = performance.now();
    const text = parseTextQuery(queryOf(round));
    await store.lines.list({ text }, { start: Number.MAX_SAFE_INTEGER, direction: "down", most: PAGE });
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b)[Math.ceil(SEARCHES * 0.95) - 1] ?? Number.NaN;
}

async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-bench-"));
  const database = Database.open({
    path: join(folder, "logs.db"),
    migrations: LOGS_MIGRATIONS,
    ...LOGS_FILE,
  });
  const store = LogStore.open({ database, clock: systemClock, log: silentLogger });
  const rawFile = openSync(join(folder, "raw.ndjson"), "a");
  const written = await write(store, rawFile);
  closeSync(rawFile);
  await store.sealed();
  await database.foldWal();
  const rssBytes = process.memoryUsage().rss;
  const { sizeBytes } = store.status();
  const rare = (round: number): string => traceOf(Math.floor(((round + 0.5) * LINES) / SEARCHES));
  const searches: [string, (round: number) => string][] = [
    ["a rare word", rare],
    ["a common word", () => "get"],
    ["a phrase", () => '"connection reset by peer"'],
    ["a word that is nowhere", (round) => `nowhere${round}`],
    ["no words", () => ""],
  ];
  const found: Figure[] = [];
  for (const [name, queryOf] of searches) {
    const value = await searchP95(store, queryOf);
    const note = `a page of ${PAGE}, ${SEARCHES} times`;
    found.push({ name: `search p95, ${name}`, value, unit: "ms", goal: { atMost: SEARCH_GOAL_MS }, note });
  }
  found.push({
    name: "a phrase of common words that is nowhere",
    value: await searchP95(store, () => '"peer connection"'),
    unit: "ms",
    note: "looks through everything; a page is answered after 2 s, with where to go on",
  });
  const countAt = performance.now();
  await store.lines.histogram({}, { from: START, to: START + LINES * 7, buckets: 100 });
  const countMs = performance.now() - countAt;
  await store.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  const { packed, textBytes, storeMs, rawMs } = written;
  return [
    {
      name: `lines taken, of ${LINES}`,
      value: (LINES / storeMs) * 1_000,
      unit: "lines/s",
      note: `${BATCH} an append, searchable at once; ${Math.round(textBytes / LINES)} bytes a line as NDJSON`,
    },
    {
      name: "the same appended to a plain file",
      value: (LINES / rawMs) * 1_000,
      unit: "lines/s",
      note: "raw limit",
    },
    {
      name: "longest append",
      value: written.longestAppendMs,
      unit: "ms",
      note: "waits for blocks that are being sealed included",
    },
    {
      name: "event loop held while lines come in, p99",
      value: written.heldMs.p99,
      unit: "ms",
      goal: { atMost: HELD_GOAL_MS },
      note: `longest ${written.heldMs.longest.toFixed(0)} ms; appends one after the other, without a pause`,
    },
    { name: "resident memory behind all lines", value: rssBytes / 1e6, unit: "MB" },
    { name: "on disk with its index", value: sizeBytes / LINES, unit: "bytes a line" },
    {
      name: "gzip of the same text",
      value: packed.gzipBytes / ((packed.textBytes / textBytes) * LINES),
      unit: "bytes a line",
      note: "no index",
    },
    ...found,
    { name: "histogram of everything, 100 bars", value: countMs, unit: "ms" },
  ];
}

const benchmark: Benchmark = { name: "logs", run };
export default benchmark;
