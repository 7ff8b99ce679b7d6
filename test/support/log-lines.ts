import { appendFileSync } from "node:fs";

const BATCH = 20_000;
const PATHS = ["/api/orders", "/api/orders/search", "/login", "/static/app.js", "/cart"];
/** Every so many lines one fails. */
export const FAILURE_EVERY = 997;
export const FAILURE = "connection reset by peer while reading the upstream";

/** Lines of a web shop, written to a file as JSON; the last of them at `endMs`, each `spacingMs` after the one before. */
export function writeShopLog(path: string, count: number, endMs: number, spacingMs = 1): void {
  for (let first = 0; first < count; first += BATCH) {
    const lines = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) =>
      shopLine(first + index, endMs - (count - first - index) * spacingMs),
    );
    appendFileSync(path, `${lines.join("\n")}\n`);
  }
}

/** A line as text; its number is in its message, so that a test knows which one it sees. */
function shopLine(n: number, atMs: number): string {
  const isFailure = n % FAILURE_EVERY === 0;
  return JSON.stringify({
    time: new Date(atMs).toISOString(),
    level: isFailure ? "error" : n % 40 === 0 ? "warning" : "info",
    message: isFailure ? FAILURE : `GET ${PATHS[n % PATHS.length]}/${n} for user${n % 500}`,
    number: n,
    ms: (n * 31) % 997,
    correlationId: `order-${Math.floor(n / 10)}`,
  });
}

/** Waits until a server has taken that many lines of the source. @throws Error when it does not within a minute. */
export async function untilTaken(
  address: string,
  headers: Record<string, string>,
  source: string,
  count: number,
): Promise<void> {
  const deadline = performance.now() + TAKE_LIMIT_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`${address}/api/v3/logs/sources`, { headers });
    const { items } = (await response.json()) as { items: { name: string; lines: number }[] };
    if ((items.find(({ name }) => name === source)?.lines ?? 0) >= count) return;
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`The server has not taken ${count} lines of ${source} within ${TAKE_LIMIT_MS / 1_000} s.`);
}

const TAKE_LIMIT_MS = 240_000;
const POLL_MS = 200;
