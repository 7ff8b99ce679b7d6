import { parentPort } from "node:worker_threads";
import { CachingConnection } from "../../database/connection.ts";
import { toAppError } from "../../errors/app-error.ts";
import { type PackedBlock, packBlock } from "./block.ts";
import { insertBlock } from "./block-table.ts";
import type { SealAnswer, SealRequest } from "./seal-protocol.ts";

/*
 * The thread that seals blocks of log lines: compression, index and folding of the WAL happen here, not on the event
 * loop of the server. It writes through a connection of its own, while the server lends it the file.
 */

const BUSY_TIMEOUT_MS = 5_000;
/** The WAL is folded in after so many blocks: about 4 MiB. */
const BLOCKS_A_FOLDING = 8;
/** A WAL longer than this many pages, 16 MiB, is made to begin anew: the server would fold it on its event loop. */
const LONG_WAL_PAGES = 2_048;

let connection: CachingConnection | undefined;
let packed: PackedBlock | undefined;
let unfolded = 0;
/** Whether the WAL did not begin anew for long: what others write during a folding keeps it from that. */
let isLong = false;

function open(path: string): CachingConnection {
  const opened = new CachingConnection(path, { readwrite: true, strict: true });
  opened.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  opened.run("PRAGMA synchronous = NORMAL");
  // Folding waits for the disk: it is done while nobody waits for this thread.
  opened.run("PRAGMA wal_autocheckpoint = 0");
  return opened;
}

/**
 * The block, its place in the index and the end of its rows in the tail, together or not at all. It is stored once, also
 * when the server did not hear of it and asks again.
 */
function store($client: CachingConnection, block: PackedBlock, sealedAt: number): void {
  $client.run("BEGIN IMMEDIATE");
  try {
    const stored = $client.query("SELECT id FROM log_blocks WHERE id = ?").get(block.id);
    if (!stored) insertBlock({ $client }, block, sealedAt);
    $client.query("DELETE FROM log_tail WHERE id <= ?").run(block.lastId);
    $client.run("COMMIT");
  } catch (error) {
    if ($client.inTransaction) $client.run("ROLLBACK");
    throw error;
  }
}

/** Folds the WAL into the file once there is enough of it; others go on writing meanwhile. */
function foldWhenDue($client: CachingConnection): void {
  if (unfolded < BLOCKS_A_FOLDING) return;
  isLong = fold($client) > LONG_WAL_PAGES;
  unfolded = 0;
}

/** Folds in what came meanwhile, while nobody writes: the WAL begins anew only once all of it is folded in. */
function foldRest($client: CachingConnection): void {
  if (isLong) fold($client);
  isLong = false;
}

/** Returns how many pages the WAL has. */
const fold = ($client: CachingConnection): number =>
  $client.query<{ log: number }, []>("PRAGMA wal_checkpoint(PASSIVE)").get()?.log ?? 0;

function run(request: SealRequest): void {
  if (request.kind === "pack") {
    connection ??= open(request.path);
    foldWhenDue(connection);
    packed = packBlock(request, request.text);
  } else if (request.kind === "close") {
    connection?.close();
  } else if (connection && packed) {
    store(connection, packed, request.sealedAt);
    foldRest(connection);
    packed = undefined;
    unfolded++;
  }
}

parentPort?.on("message", (request: SealRequest) => {
  let answer: SealAnswer = { kind: "done" };
  try {
    run(request);
  } catch (thrown) {
    const { code, message, cause } = toAppError(thrown);
    answer = { kind: "failed", code, message, cause: String(cause ?? "") };
  }
  parentPort?.postMessage(answer);
});
