/** How long work may hold the event loop before it lets requests and timers run. */
const SLICE_MS = 8;

/** Waits a turn of the event loop when a slice is used up. */
export type Breathe = () => Promise<void> | void;

/** Lets long work yield: call the returned function between its parts. */
export function startBreathing(sliceMs = SLICE_MS): Breathe {
  let sliceEndsAt = performance.now() + sliceMs;
  return () => {
    if (performance.now() < sliceEndsAt) return;
    return new Promise((resolve) => {
      setImmediate(() => {
        sliceEndsAt = performance.now() + sliceMs;
        resolve();
      });
    });
  };
}
