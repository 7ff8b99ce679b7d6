import type { BrokerStreams } from "./broker.ts";

/** Opens a stream towards the plugin; when the channel takes no more, what the stream holds is let go. */
export function openStream(streams: BrokerStreams, source: ReadableStream<Uint8Array>): number {
  try {
    return streams.open(source);
  } catch (error) {
    // It was never read, so there is nobody to tell how letting go went.
    source.cancel(error).catch(() => undefined);
    throw error;
  }
}

/** Ends a stream of the plugin that nobody reads after all, so that it does not wait for credit for ever. */
export async function letGo(source: ReadableStream<Uint8Array> | undefined): Promise<void> {
  if (source && !source.locked) await source.cancel().catch(() => undefined);
}
