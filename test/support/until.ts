const PATIENCE_MS = 20_000;

/**
 * Waits until `isTrue`, looking again each time the event loop has turned: whatever it waits for is sockets, files and
 * processes that wake the loop, so no time is guessed.
 * @throws Error after `timeoutMs`, far beyond what a busy machine needs
 */
export async function until(isTrue: () => unknown, timeoutMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${isTrue}`);
    await turn();
  }
}

/** Waits until `read` gives the same for so many turns of the event loop that nothing under way can change it. */
export async function untilQuiet(read: () => number): Promise<void> {
  const quietTurns = 500;
  for (let before = Number.NaN, quiet = 0; quiet < quietTurns; quiet = read() === before ? quiet + 1 : 0) {
    before = read();
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
