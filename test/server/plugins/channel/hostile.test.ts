import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MAX_REQUEST_BYTES, MAX_STREAMS, STREAM_CREDIT_BYTES } from "../../../../schema/plugin/rpc.ts";
import { Channel, MAX_VIOLATIONS } from "../../../../server/plugins/channel/channel.ts";
import {
  encodeFrame,
  FRAME_KINDS,
  type FrameKind,
  MAX_DATA_BYTES,
  uint32Bytes,
} from "../../../../server/plugins/channel/frames.ts";
import type { Violation } from "../../../../server/plugins/channel/violations.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { sized } from "../../../support/sizes.ts";
import { settled } from "./ends.ts";
import { socketPair } from "./socket-pair.ts";

/** The server's end of a channel, and a plugin that writes whatever it likes. */
function attacked() {
  const [serverSocket, plugin] = socketPair();
  plugin.capacityBytes = Number.POSITIVE_INFINITY;
  const clock = new ManualClock();
  const violations: Violation[] = [];
  const served: [string, unknown][] = [];
  const channel = new Channel(serverSocket, {
    side: "server",
    clock,
    maxServed: 4,
    serve: async (method, params) => {
      served.push([method, params]);
      return method === "never" ? new Promise(() => undefined) : "answer";
    },
    notified: (method) => method === "log",
    describe: () => ({ code: "internal", message: "no" }),
    violated: (violation) => violations.push(violation),
  });
  const answers: Buffer[] = [];
  plugin.onData((bytes) => answers.push(Buffer.from(bytes)));
  const send = async (...frames: Uint8Array[]) => {
    for (const frame of frames) plugin.write(frame);
    await settled();
  };
  return { channel, send, violations, served, serverSocket, clock, answers };
}

const call = (id: number, method: string, params: unknown = null) =>
  encodeFrame("request", id, JSON.stringify([method, params]));

/** What a plugin may try once → what is noted against it. */
const ATTEMPTS: Record<string, { frames: Uint8Array[]; noted: Violation[] }> = {
  "an unknown kind": { frames: [strange(99)], noted: ["unknown_kind"] },
  "kind zero": { frames: [strange(0)], noted: ["unknown_kind"] },
  "an answer that nobody waits for": {
    frames: [encodeFrame("response", 1, "1"), encodeFrame("error", 7, '{"code":"x","message":"y"}')],
    noted: ["unknown_answer", "unknown_answer"],
  },
  "a request whose number is not the next": { frames: [call(7, "x")], noted: ["forged_id"] },
  "the same request twice": { frames: [call(1, "never"), call(1, "never")], noted: ["forged_id"] },
  "more requests than may be": {
    frames: Array.from({ length: 6 }, (_, index) => call(index + 1, "never")),
    noted: ["too_many_requests", "too_many_requests"],
  },
  "a request without form": {
    frames: [
      encodeFrame("request", 1, "{}"),
      encodeFrame("request", 2, "[1,2]"),
      encodeFrame("request", 3, ""),
    ],
    noted: ["bad_payload", "bad_payload", "bad_payload"],
  },
  "a method name of a kilobyte": { frames: [call(1, "x".repeat(1_000))], noted: ["bad_payload"] },
  "a request larger than may be": {
    frames: [encodeFrame("request", 1, JSON.stringify(["x", "x".repeat(MAX_REQUEST_BYTES)]))],
    noted: ["bad_payload"],
  },
  "a key that would change a prototype": {
    frames: [encodeFrame("request", 1, '["config.set",{"__proto__":{"isAdmin":true}}]')],
    noted: ["bad_payload"],
  },
  "nesting without end": {
    frames: [encodeFrame("notify", 0, `["log",${"[".repeat(100_000)}`)],
    noted: ["bad_payload"],
  },
  "a message that is none": {
    frames: [encodeFrame("notify", 0, '["shutdown",null]'), encodeFrame("notify", 3, '["log",null]')],
    noted: ["unexpected_message", "bad_payload"],
  },
  "the cancellation of what was never asked": { frames: [encodeFrame("cancel", 3)], noted: ["forged_id"] },
  "a stream of the server's numbers": { frames: [encodeFrame("open", 2)], noted: ["forged_id"] },
  "a stream out of order": { frames: [encodeFrame("open", 5)], noted: ["forged_id"] },
  "more streams than may be": {
    frames: Array.from({ length: MAX_STREAMS + 1 }, (_, index) => encodeFrame("open", index * 2 + 1)),
    noted: ["too_many_streams"],
  },
  "bytes of no stream": { frames: [encodeFrame("data", 1, "x")], noted: ["unknown_stream"] },
  "an end of no stream": { frames: [encodeFrame("end", 9)], noted: ["unknown_stream"] },
  "more bytes in a frame than may be": {
    frames: [encodeFrame("open", 1), encodeFrame("data", 1, new Uint8Array(MAX_DATA_BYTES + 1))],
    noted: ["bad_payload"],
  },
  "more bytes than its credit": {
    frames: [
      encodeFrame("open", 1),
      ...Array.from({ length: STREAM_CREDIT_BYTES / MAX_DATA_BYTES + 1 }, () =>
        encodeFrame("data", 1, new Uint8Array(MAX_DATA_BYTES)),
      ),
    ],
    noted: ["credit_overrun"],
  },
  "many tiny pieces": {
    frames: [
      encodeFrame("open", 1),
      ...Array.from({ length: STREAM_CREDIT_BYTES / 256 + 1 }, () => encodeFrame("data", 1, "x")),
    ],
    noted: ["credit_overrun"],
  },
  "credit for no stream": { frames: [encodeFrame("credit", 2, uint32Bytes(1))], noted: ["unknown_stream"] },
  "an error without form": { frames: [encodeFrame("abort", 1, "1")], noted: ["unknown_stream"] },
};

function strange(kind: number): Uint8Array {
  const frame = encodeFrame("request", 1, "[]");
  frame[4] = kind;
  return frame;
}

describe("a plugin that does not keep to the contract", () => {
  for (const [attempt, { frames, noted }] of Object.entries(ATTEMPTS)) {
    test(`${attempt} does nothing but count against it`, async () => {
      const { channel, send, violations } = attacked();
      await send(...frames);
      expect(violations).toEqual(noted);
      expect(channel.violations).toBe(noted.length);
      const { answer } = channel.request("health", null);
      await send(encodeFrame("response", 1, '"well"'));
      expect(await answer).toBe("well");
      expect(Reflect.get({}, "isAdmin")).toBeUndefined();
      channel.close();
    });
  }

  test("credit beyond what it was ever sent ends nothing but is noted", async () => {
    const { channel, send, violations } = attacked();
    const id = channel.streams.open(new ReadableStream());
    await send(
      encodeFrame("credit", id, uint32Bytes(0xffff_ffff)),
      encodeFrame("credit", id, uint32Bytes(0)),
    );
    await send(encodeFrame("credit", id, new Uint8Array(3)));
    expect(violations).toEqual(["credit_overrun", "credit_overrun", "bad_payload"]);
  });

  test("an answer that is no JSON fails that call, and is noted", async () => {
    const { channel, send, violations } = attacked();
    const { answer } = channel.request("invoke", null);
    const failed = answer.catch((error: unknown) => error);
    await send(encodeFrame("response", 1, "{"));
    expect(await failed).toMatchObject({ failure: "bad_answer" });
    expect(violations).toEqual(["bad_payload"]);
  });

  test("a second answer to the same call is noted; the first stands", async () => {
    const { channel, send, violations } = attacked();
    const { answer } = channel.request("invoke", null);
    await send(encodeFrame("response", 1, '"first"'), encodeFrame("response", 1, '"second"'));
    expect(await answer).toBe("first");
    expect(violations).toEqual(["unknown_answer"]);
  });

  test("late words on a stream that has ended are nothing", async () => {
    const { send, violations } = attacked();
    await send(encodeFrame("open", 1), encodeFrame("abort", 1, '{"code":"x","message":"y"}'));
    await send(encodeFrame("abort", 1, '{"code":"x","message":"y"}'), encodeFrame("end", 1));
    expect(violations).toEqual([]);
  });

  test("one violation too many ends the channel, and says which", async () => {
    const { channel, send } = attacked();
    await send(...Array.from({ length: MAX_VIOLATIONS }, () => strange(99)));
    expect(channel.request("still there", null).answer.catch(() => undefined)).toBeDefined();
    await send(encodeFrame("data", 1, "x"));
    expect(await channel.ended).toBe("violation:unknown_stream");
  });

  test("a frame of ten megabytes ends it before a byte of it is held", async () => {
    const { channel, send } = attacked();
    await send(uint32Bytes(10 * 1024 * 1024));
    expect(await channel.ended).toBe("violation:bad_length");
  });

  test("it is read no faster than its share: the rest waits in its own socket", async () => {
    const { send, serverSocket, clock, served } = attacked();
    const body = JSON.stringify(["log", "x".repeat(MAX_REQUEST_BYTES - 100)]);
    await send(...Array.from({ length: 8 }, () => encodeFrame("notify", 0, body)), call(1, "after"));
    expect(serverSocket.isPaused).toBe(true);
    expect(served).toEqual([]);
    await clock.advance(1_000);
    await settled();
    expect(serverSocket.isPaused).toBe(false);
    expect(served).toEqual([["after", null]]);
  });

  test("a flood of small messages is slowed in the same way", async () => {
    const { send, serverSocket, clock } = attacked();
    const line = encodeFrame("notify", 0, '["log",1]');
    await send(Buffer.concat(Array.from({ length: 6_000 }, () => line)));
    expect(serverSocket.isPaused).toBe(true);
    await clock.advance(3_000);
    await settled();
    expect(serverSocket.isPaused).toBe(false);
  });
});

describe("any bytes at all", () => {
  const kinds = Object.keys(FRAME_KINDS) as FrameKind[];
  const frame = fc
    .tuple(
      fc.constantFrom(...kinds),
      fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 0xffff_ffff })),
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.json().map((text) => new TextEncoder().encode(text)),
        fc.constant(new TextEncoder().encode('["never",null]')),
        fc.integer({ min: 0, max: 0xffff_ffff }).map(uint32Bytes),
      ),
    )
    .map(([kind, id, payload]) => encodeFrame(kind, id, payload));
  const garbage = fc.uint8Array({ maxLength: 100 });

  test("neither throw nor leave anything behind, and more than a few violations end the channel", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 9, arbitrary: frame }, garbage), { maxLength: 40 }),
        async (pieces) => {
          const { channel, send } = attacked();
          const answers = [1, 2, 3].map(() => channel.request("invoke", null).answer.catch(() => undefined));
          channel.streams.open(new ReadableStream());
          await send(...pieces);
          if (channel.violations > MAX_VIOLATIONS) expect(await channel.ended).toStartWith("violation:");
          channel.close();
          await Promise.all(answers);
          expect(channel.streams.size).toBeLessThanOrEqual(1);
          expect(channel.requestsUnderWay).toBe(0);
        },
      ),
      { numRuns: sized(150, 5_000) },
    );
  });
});
