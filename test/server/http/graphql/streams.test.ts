import { describe, expect, test } from "bun:test";
import { Exchange } from "../../../../server/http/exchange.ts";
import { OpenStreams } from "../../../../server/http/graphql/streams.ts";

const TOKEN = "token-1";
const READER = new Exchange({
  request: new Request("http://localhost/graphql"),
  correlationId: "test",
  carrier: { requestIP: () => null },
  startedAtMs: 0,
  isSecure: false,
  bodyLimitBytes: 0,
  principal: { kind: "token", tokenId: TOKEN, userId: "u", userName: "ada", scopes: [] },
});
const MOST = 20;

/** A source that never has a value, and does not end by itself when it is told to, like a generator that waits. */
const quiet = (): AsyncIterable<number> => ({
  [Symbol.asyncIterator]: () => ({
    next: () => new Promise<never>(() => undefined),
    return: () => new Promise<never>(() => undefined),
  }),
});

describe("open event streams", () => {
  test("a reader that leaves a quiet stream gives its place back at once", async () => {
    const streams = new OpenStreams();
    for (let reader = 0; reader < MOST + 1; reader++) {
      const stream = streams.attach(READER, quiet());
      const waiting = stream.next();
      await stream.return?.();
      expect(await waiting).toEqual({ done: true, value: undefined });
    }
    expect(streams.has(TOKEN)).toBe(false);
  });

  test("a stream that nobody ever read gives its place back, too", async () => {
    const streams = new OpenStreams();
    await streams.attach(READER, quiet()).return?.();
    expect(streams.has(TOKEN)).toBe(false);
  });

  test("more than the most at once are refused", () => {
    const streams = new OpenStreams();
    for (let reader = 0; reader < MOST; reader++) streams.attach(READER, quiet());
    expect(() => streams.attach(READER, quiet())).toThrow("At most 20 event streams at once.");
  });

  test("a revoked credential ends its streams while they wait", async () => {
    const streams = new OpenStreams();
    const waiting = streams.attach(READER, quiet()).next();
    streams.end(TOKEN);
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(streams.has(TOKEN)).toBe(false);
  });

  test("a source that fails ends the stream with its error", async () => {
    const streams = new OpenStreams();
    const failing: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("lost")) }),
    };
    const stream = streams.attach(READER, failing);
    await expect(stream.next()).rejects.toThrow("lost");
    for await (const _value of stream) throw new Error("It goes on.");
    expect(streams.has(TOKEN)).toBe(false);
  });
});
