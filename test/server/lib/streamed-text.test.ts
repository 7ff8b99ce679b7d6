import { expect, test } from "bun:test";
import { streamedText } from "../../../server/lib/streamed-text.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const FORMAT = { head: "<", batch: (text: string) => text, tail: ">" };

test("only a reader that takes nothing stalls: one that waits for a slow search gets what is found", async () => {
  const clock = new ManualClock();
  const found = Promise.withResolvers<string>();
  async function* search() {
    yield "a";
    yield await found.promise;
  }
  let ends = 0;
  const reader = streamedText(clock, search(), FORMAT, () => ends++).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect([await read(), await read()]).toEqual(["<", "a"]);
  const late = read();
  await clock.advance(600_000);
  found.resolve("b");
  expect([await late, ends]).toEqual(["b", 0]);
  await clock.advance(60_000);
  expect(ends).toBe(1);
  await expect(reader.read()).rejects.toThrow("stalled");
});
