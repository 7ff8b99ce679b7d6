/** What an author may give where bytes are wanted. */
export type Content = string | Uint8Array | ReadableStream<Uint8Array>;

export function streamOf(content: Content): ReadableStream<Uint8Array> {
  if (content instanceof ReadableStream) return content;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** `source`, failing as soon as `signal` is aborted, whoever reads it and wherever it is passed on. */
export function endingWith(
  source: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let leave = (): void => undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (): void => {
          controller.error(signal.reason);
          // The server learns that nobody reads any more; that it is gone then is no news.
          reader.cancel(signal.reason).catch(() => undefined);
        };
        leave = () => signal.removeEventListener("abort", end);
        signal.addEventListener("abort", end, { once: true });
        if (signal.aborted) end();
      },
      async pull(controller) {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (!done) return controller.enqueue(value);
        leave();
        controller.close();
      },
      async cancel(reason) {
        leave();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
