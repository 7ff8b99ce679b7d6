import type { Clock, TimerHandle } from "../lib/clock.ts";
import type { LogLine } from "./line.ts";
import { lineView } from "./views.ts";

/** A reader that takes nothing for this long is gone; its export ends. */
const MAX_STALL_MS = 60_000;

/**
 * Lines as NDJSON. One batch is in memory at a time: the next is read when the client has taken the last. A client that
 * goes away or stalls ends the reading.
 * @param onEnd is called once, however the export ends.
 */
export function exportLines(
  clock: Clock,
  batches: AsyncGenerator<readonly LogLine[]>,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stall: TimerHandle | undefined;
  let hasEnded = false;
  const end = async (): Promise<void> => {
    if (hasEnded) return;
    hasEnded = true;
    stall?.cancel();
    onEnd();
    await batches.return(undefined);
  };
  const watch = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    stall?.cancel();
    stall = clock.after(MAX_STALL_MS, () => {
      controller.error(new Error("The reader of the export stalled."));
      void end();
    });
  };
  return new ReadableStream<Uint8Array>(
    {
      start: watch,
      async pull(controller) {
        watch(controller);
        try {
          const step = await batches.next();
          if (hasEnded) return;
          if (!step.done) {
            const text = step.value.map((line) => `${JSON.stringify(lineView(line))}\n`).join("");
            controller.enqueue(encoder.encode(text));
            return;
          }
          controller.close();
        } catch (error) {
          await end();
          throw error;
        }
        await end();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
