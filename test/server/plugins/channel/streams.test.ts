import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { STREAM_CREDIT_BYTES } from "../../../../schema/plugin/rpc.ts";
import { sized } from "../../../support/sizes.ts";
import { channelEnds, settled } from "./ends.ts";

const streamOf = (chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
  new Response(new Blob(chunks.map((chunk) => new Uint8Array(chunk)))).body ?? new ReadableStream();

/** A source that counts how much was taken of it and never ends. */
function endless(chunkBytes: number) {
  const source = { takenBytes: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        source.takenBytes += chunkBytes;
        controller.enqueue(new Uint8Array(chunkBytes));
      },
      cancel() {
        source.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { source, stream };
}

describe("streams over a channel", () => {
  test("bytes arrive as they were written, either way, several at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 5 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 500 }),
        async (bodies, pieceBytes) => {
          const ends = channelEnds({});
          ends.serverSocket.pieceBytes = pieceBytes;
          ends.pluginSocket.pieceBytes = pieceBytes;
          for (const [from, to] of [
            [ends.server, ends.plugin],
            [ends.plugin, ends.server],
          ] as const) {
            const ids = bodies.map((chunks) => from.streams.open(streamOf(chunks)));
            await settled(2);
            const received = await Promise.all(ids.map((id) => new Response(to.streams.accept(id)).bytes()));
            expect(received.map((bytes) => Buffer.from(bytes))).toEqual(
              bodies.map((chunks) => Buffer.concat(chunks)),
            );
          }
          expect(ends.violations).toEqual([]);
          expect(ends.server.streams.size + ends.plugin.streams.size).toBe(0);
          ends.server.close();
        },
      ),
      { numRuns: sized(25, 500) },
    );
  });

  test("megabytes go through in order", async () => {
    const ends = channelEnds({});
    const sizeBytes = sized(3, 30) * 1024 * 1024;
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const whole = Buffer.concat(Array.from({ length: sizeBytes / bytes.length }, () => bytes));
    const id = ends.plugin.streams.open(streamOf([whole]));
    await settled(2);
    const received = await new Response(ends.server.streams.accept(id)).bytes();
    expect(Bun.hash(received)).toBe(Bun.hash(whole));
  });

  test("a reader that does not read stops the source at the credit", async () => {
    const ends = channelEnds({});
    const { source, stream } = endless(10_000);
    const id = ends.plugin.streams.open(stream);
    await settled();
    expect(source.takenBytes).toBeGreaterThan(STREAM_CREDIT_BYTES - 20_000);
    expect(source.takenBytes).toBeLessThanOrEqual(STREAM_CREDIT_BYTES + 10_000);
    const reader = ends.server.streams.accept(id).getReader();
    for (let read = 0; read < STREAM_CREDIT_BYTES; ) read += (await reader.read()).value?.length ?? 0;
    await settled();
    expect(source.takenBytes).toBeGreaterThan(STREAM_CREDIT_BYTES + 10_000);
  });

  test("a reader that gives up ends the source, and the stream is forgotten on both sides", async () => {
    const ends = channelEnds({});
    const { source, stream } = endless(1_000);
    const id = ends.server.streams.open(stream);
    await settled(2);
    await ends.plugin.streams.accept(id).cancel();
    await settled();
    expect(source.isCancelled).toBe(true);
    expect(ends.server.streams.size + ends.plugin.streams.size).toBe(0);
    expect(ends.violations).toEqual([]);
  });

  test("a source that fails fails its reader", async () => {
    const ends = channelEnds({});
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("the disk is gone")),
    });
    const id = ends.plugin.streams.open(broken);
    await settled(2);
    expect(new Response(ends.server.streams.accept(id)).bytes()).rejects.toThrow("the disk is gone");
    await settled();
    expect(ends.server.streams.size + ends.plugin.streams.size).toBe(0);
  });

  test("a stream that its request no longer needs is dropped, whether or not it had ended", async () => {
    const ends = channelEnds({});
    const short = ends.plugin.streams.open(streamOf([new Uint8Array(10)]));
    const long = ends.plugin.streams.open(endless(1_000).stream);
    await settled();
    expect(ends.server.streams.size).toBe(2);
    for (const id of [short, long]) ends.plugin.streams.drop(id, new Error("refused"));
    await settled();
    expect(ends.server.streams.size + ends.plugin.streams.size).toBe(0);
    expect(ends.violations).toEqual([]);
  });

  test("is read once, and only when it is there", async () => {
    const ends = channelEnds({});
    const id = ends.plugin.streams.open(streamOf([new Uint8Array(10)]));
    await settled(2);
    ends.server.streams.accept(id);
    expect(() => ends.server.streams.accept(id)).toThrow("no stream");
    expect(() => ends.server.streams.accept(999)).toThrow("no stream");
    expect(() => ends.server.streams.accept(2)).toThrow("no stream");
  });

  test("ends with the channel, on both sides", async () => {
    const ends = channelEnds({});
    const { source, stream } = endless(1_000);
    const id = ends.server.streams.open(stream);
    await settled(2);
    const readable = ends.plugin.streams.accept(id);
    ends.server.close();
    expect(new Response(readable).bytes()).rejects.toThrow("ended");
    await settled();
    expect(source.isCancelled).toBe(true);
    expect(ends.server.streams.size + ends.plugin.streams.size).toBe(0);
  });

  test("that nobody takes for a while do not keep calls from being sent", async () => {
    const ends = channelEnds({ plugin: async () => "called" });
    ends.pluginSocket.pause();
    for (let count = 0; count < 64; count++) ends.server.streams.open(endless(100_000).stream);
    await settled();
    const call = ends.server.request("health", null).answer;
    ends.pluginSocket.resume();
    expect(await call).toBe("called");
    expect(ends.violations).toEqual([]);
    ends.server.close();
  });
});
