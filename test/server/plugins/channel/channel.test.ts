import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { systemClock } from "../../../../server/lib/clock.ts";
import { JsonText } from "../../../../server/lib/json-text.ts";
import { ChannelError, type ChannelFailure } from "../../../../server/plugins/channel/failure.ts";
import { encodeFrame } from "../../../../server/plugins/channel/frames.ts";
import { LARGE_ANSWER_BYTES, LargeAnswers } from "../../../../server/plugins/channel/large-answers.ts";
import { sized } from "../../../support/sizes.ts";
import { channelEnds, settled } from "./ends.ts";

async function failureOf(work: Promise<unknown>): Promise<ChannelFailure | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ChannelError) return error.failure;
    throw error;
  }
}

describe("calls over a channel", () => {
  test("each gets its own answer, both ways at once, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        async (values, pieceBytes) => {
          const plain = values.map((value) => JSON.parse(JSON.stringify(value).replaceAll("__proto__", "p")));
          const echo = async (_: string, params: unknown) => params;
          const ends = channelEnds({ server: echo, plugin: echo }, { maxServed: 12 });
          ends.serverSocket.pieceBytes = pieceBytes;
          ends.pluginSocket.pieceBytes = pieceBytes;
          const [down, up] = await Promise.all(
            [ends.server, ends.plugin].map((end) =>
              Promise.all(plain.map((value) => end.request("echo", value).answer)),
            ),
          );
          expect(down).toEqual(plain);
          expect(up).toEqual(plain);
          expect(ends.violations).toEqual([]);
          ends.server.close();
        },
      ),
      { numRuns: sized(25, 500) },
    );
  });

  test("a large answer is looked through elsewhere and comes as the text it was", async () => {
    const large = "x".repeat(LARGE_ANSWER_BYTES);
    const { server, violations } = channelEnds(
      { plugin: async (method) => (method === "large" ? { large } : "small") },
      { largeAnswers: new LargeAnswers(systemClock) },
    );
    expect(await server.request("large", null).answer).toEqual(new JsonText(JSON.stringify({ large })));
    expect(await server.request("small", null).answer).toBe("small");
    expect(violations).toEqual([]);
    server.close();
  });

  test("a large answer that is no JSON is a failure of that call, and counted", async () => {
    const { server, pluginSocket, violations } = channelEnds(
      { plugin: () => Promise.withResolvers<unknown>().promise },
      { largeAnswers: new LargeAnswers(systemClock) },
    );
    const call = server.request("large", null);
    pluginSocket.write(encodeFrame("response", 1, "[".repeat(LARGE_ANSWER_BYTES)));
    expect(await failureOf(call.answer)).toBe("bad_answer");
    expect(violations).toEqual(["bad_payload"]);
    server.close();
  });

  test("a failure arrives with code and message", async () => {
    const { server } = channelEnds({
      plugin: async () => {
        throw new Error("no such thing");
      },
    });
    const failed = server.request("find", {}).answer;
    expect(failed).rejects.toMatchObject({
      failure: "remote",
      wire: { code: "plugin_execution_failed", message: "no such thing" },
    });
    await failed.catch(() => undefined);
  });

  test("an answer that cannot be sent is a failure of that call alone", async () => {
    const { server } = channelEnds({
      plugin: async (method) => (method === "big" ? "x".repeat(5_000_000) : 1n),
    });
    expect(await failureOf(server.request("big", null).answer)).toBe("remote");
    expect(await failureOf(server.request("odd", null).answer)).toBe("remote");
  });

  test("an answer larger than the caller allows is not taken", async () => {
    const { server } = channelEnds({ plugin: async () => "x".repeat(100) });
    expect(await failureOf(server.request("a", null, { maxAnswerBytes: 101 }).answer)).toBe(
      "answer_too_large",
    );
    expect(await server.request("a", null, { maxAnswerBytes: 102 }).answer).toHaveLength(100);
  });

  test("a cancelled call ends at once for its caller; the other side hears of it, and its late answer is no violation", async () => {
    const heard = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const ends = channelEnds({
      server: async (_, __, { signal }) => {
        signal.addEventListener("abort", () => heard.resolve());
        await release.promise;
        return "late";
      },
    });
    const controller = new AbortController();
    const call = ends.plugin.request("slow", null, { signal: controller.signal });
    await settled();
    controller.abort();
    expect(await failureOf(call.answer)).toBe("cancelled");
    await heard.promise;
    expect(ends.plugin.requestsUnderWay).toBe(1);
    release.resolve();
    await call.answered;
    expect(ends.plugin.requestsUnderWay).toBe(0);
    expect(await ends.plugin.request("slow", null).answer).toBe("late");
    expect(ends.violations).toEqual([]);
  });

  test("when the channel ends, what is under way fails on both sides, and what is served is aborted", async () => {
    const aborted = Promise.withResolvers<void>();
    const ends = channelEnds({
      plugin: (_, __, { signal }) => {
        signal.addEventListener("abort", () => aborted.resolve());
        return new Promise(() => undefined);
      },
    });
    const call = ends.server.request("never", null);
    await settled();
    ends.server.close();
    expect(await failureOf(call.answer)).toBe("closed");
    await aborted.promise;
    expect(await ends.server.ended).toBe("closed");
    expect(await ends.plugin.ended).toBe("ended");
    expect(() => ends.server.request("more", null)).toThrow(ChannelError);
  });

  test("no more requests are under way than the limit says: the rest are refused here, not sent", async () => {
    const { server } = channelEnds({ plugin: () => new Promise(() => undefined) });
    const calls = Array.from({ length: 256 }, () => failureOf(server.request("never", null).answer));
    expect(() => server.request("one more", null)).toThrow("Too many requests");
    server.close();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["closed"]));
  });
});

describe("notifications", () => {
  test("arrive in order and want no answer", async () => {
    const ends = channelEnds({});
    for (const line of ["a", "b"]) ends.plugin.notify("log", line);
    await settled();
    expect(ends.notified).toEqual([
      ["log", "a"],
      ["log", "b"],
    ]);
  });
});

describe("a plugin that does not read", () => {
  test("is sent no new requests, and has its channel ended when too much waits for it", async () => {
    const big = "x".repeat(900_000);
    const ends = channelEnds({ server: async () => big }, { maxServed: 100 });
    const asked = Array.from({ length: 100 }, () => failureOf(ends.plugin.request("big", null).answer));
    ends.pluginSocket.pause();
    expect(await ends.server.ended).toBe("not_reading");
    expect(await failureOf((async () => ends.server.request("x", null).answer)())).toBe("closed");
    ends.pluginSocket.resume();
    expect(await Promise.all(asked)).toContain("closed");
  });

  test("that reads again gets everything, in order", async () => {
    const ends = channelEnds(
      { server: async (_, n) => ({ n, text: "x".repeat(300_000) }) },
      { maxServed: 40 },
    );
    ends.pluginSocket.pause();
    const asked = Array.from({ length: 40 }, (_, n) => ends.plugin.request("big", n).answer);
    await settled();
    expect(ends.serverSocket.isPaused).toBe(true);
    ends.pluginSocket.resume();
    const answers = (await Promise.all(asked)) as { n: number }[];
    expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    await settled();
    expect(ends.serverSocket.isPaused).toBe(false);
  });
});
