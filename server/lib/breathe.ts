/** How long work may hold the event loop before it lets requests and timers run. */
const SLICE_MS = 8;

/** Lets long work yield: call the returned function between its parts; it waits a turn when a slice is used up. */
export function startBreathing(): () => Promise<void> | void {
  let sliceEndsAt = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() < sliceEndsAt) return;
    return new Promise((resolve) => {
      setImmediate(() => {
        sliceEndsAt = performance.now() + SLICE_MS;
        resolve();
      });
    });
  };
}
