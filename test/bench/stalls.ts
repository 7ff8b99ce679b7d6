/** How long `work` took, and the longest that the event loop was held meanwhile. */
export async function withStalls(
  work: () => Promise<unknown>,
): Promise<{ elapsedMs: number; stallMs: number }> {
  const startedAt = performance.now();
  let [lastAt, stallMs, isOver] = [startedAt, 0, false];
  const beat = () => {
    const now = performance.now();
    stallMs = Math.max(stallMs, now - lastAt);
    lastAt = now;
    if (!isOver) setImmediate(beat);
  };
  setImmediate(beat);
  await work();
  isOver = true;
  beat();
  return { elapsedMs: performance.now() - startedAt, stallMs };
}
