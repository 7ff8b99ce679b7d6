import type { Clock, TimerHandle } from "./clock.ts";

/** A reader that takes nothing for this long is gone; what it reads ends. */
const MAX_STALL_MS = 60_000;

/** What a format writes before, for each batch, and after. */
export interface TextFormat<Batch> {
  head: string;
  batch(batch: Batch): string;
  tail: string;
}

/**
 * Batches as a stream of bytes. One is in memory at a time: the next is read when the client has taken the last. A client
 * that goes away or stalls ends the reading.
 * @param onEnd is called once, however it ends.
 */
export function streamedText<Batch>(
  clock: Clock,
  batches: AsyncGenerator<Batch>,
  format: TextFormat<Batch>,
  onEnd: () => void = () => undefined,
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
  const write = (controller: ReadableStreamDefaultController<Uint8Array>, text: string): void => {
    if (text !== "") controller.enqueue(encoder.encode(text));
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        write(controller, format.head);
        watch(controller);
      },
      async pull(controller) {
        // The reader waits for us now; a search for rare lines may take longer than it may.
        stall?.cancel();
        try {
          const step = await batches.next();
          if (hasEnded) return;
          write(controller, step.done ? format.tail : format.batch(step.value));
          if (!step.done) return watch(controller);
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
