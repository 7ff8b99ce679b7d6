import { describe, expect, test } from "bun:test";
import { MAX_FRAME_DEPTH } from "../../../../schema/plugin/rpc.ts";
import { systemClock } from "../../../../server/lib/clock.ts";
import { LargeAnswers } from "../../../../server/plugins/channel/large-answers.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("large answers are looked through in a thread of their own", () => {
  test("and come back as the text they were, several at once too", async () => {
    const answers = new LargeAnswers(systemClock);
    const texts = Array.from({ length: 4 }, (_, at) => JSON.stringify({ at, text: "ä€😀".repeat(50_000) }));
    const read = await Promise.all(texts.map((text) => answers.read(bytesOf(text))));
    expect(read.map(({ text }) => text === texts.shift())).toEqual([true, true, true, true]);
  });

  test("also from the middle of larger bytes, which stay", async () => {
    const bytes = bytesOf(`xxxxx${'"inner"'}${"y".repeat(100)}`);
    const { text } = await new LargeAnswers(systemClock).read(bytes.subarray(5, 12));
    expect(text).toBe('"inner"');
    expect(new TextDecoder().decode(bytes)).toStartWith('xxxxx"inner"yyy');
  });

  test.each([
    ["bad_json", bytesOf('{"a":1')],
    ["bad_json", Uint8Array.of(0x22, 0xff, 0x22)],
    ["too_deep", bytesOf("[".repeat(MAX_FRAME_DEPTH + 1) + "]".repeat(MAX_FRAME_DEPTH + 1))],
    ["prototype_key", bytesOf('{"__proto__":{"a":1}}')],
  ])("and are refused for what a small one is refused for: %s", async (refusal, bytes) => {
    const answers = new LargeAnswers(systemClock);
    expect(answers.read(bytes)).rejects.toMatchObject({ name: "JsonError", refusal });
    expect((await answers.read(bytesOf("1"))).text).toBe("1");
  });

  test("and the next begins another thread when one has been idle", async () => {
    const clock = new ManualClock();
    const answers = new LargeAnswers(clock);
    expect((await answers.read(bytesOf("1"))).text).toBe("1");
    await clock.advance(60_000);
    expect((await answers.read(bytesOf("2"))).text).toBe("2");
  });
});
