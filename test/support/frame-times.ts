import type { Page } from "playwright-core";

/** Times between frames, in milliseconds. */
export interface FrameTimes {
  frames: number;
  medianMs: number;
  p95Ms: number;
  p99Ms: number;
  longestMs: number;
}

/** What a page records while it is looked at. */
declare global {
  var binnacleFrames: { times: number[]; isRunning: boolean } | undefined;
}

/** The times between a number of frames, while `step` is repeated until the page has drawn them. */
export async function frameTimes(
  page: Page,
  frames: number,
  step: (turn: number) => Promise<void>,
): Promise<FrameTimes> {
  await record(page);
  for (
    let turn = 0;
    (await page.evaluate(() => globalThis.binnacleFrames?.times.length ?? 0)) < frames;
    turn++
  )
    await step(turn);
  return summed((await recorded(page)).slice(0, frames));
}

async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const recording = { times: [] as number[], isRunning: true };
    globalThis.binnacleFrames = recording;
    let last: number | undefined;
    const frame = (now: number): void => {
      if (last !== undefined) recording.times.push(now - last);
      last = now;
      if (recording.isRunning) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

async function recorded(page: Page): Promise<number[]> {
  return await page.evaluate(() => {
    const recording = globalThis.binnacleFrames;
    if (recording !== undefined) recording.isRunning = false;
    return recording?.times ?? [];
  });
}

function summed(times: readonly number[]): FrameTimes {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    frames: sorted.length,
    medianMs: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    longestMs: sorted.at(-1) ?? Number.NaN,
  };
}
