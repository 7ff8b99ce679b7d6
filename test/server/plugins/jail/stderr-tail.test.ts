import { describe, expect, test } from "bun:test";
import { StderrTail } from "../../../../server/plugins/jail/stderr-tail.ts";

async function tailOf(...pieces: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
  const tail = new StderrTail();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces)
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      controller.close();
    },
  });
  await tail.follow(stream);
  return tail.lines();
}

describe("the last words of a jail", () => {
  test("are whole lines, however they arrive, the last one without an end too", async () => {
    expect(await tailOf("on", "e\ntw", "o\nthree")).toEqual(["one", "two", "three"]);
  });

  test("are the last fifty", async () => {
    const lines = await tailOf(Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join(""));
    expect(lines.length).toBe(50);
    expect(lines.at(-1)).toBe("line 999");
  });

  test("are cut, a line that never ends too", async () => {
    expect((await tailOf("x".repeat(10_000), "y".repeat(10_000))).map((line) => line.length)).toEqual([500]);
  });

  test("move no cursor, change no colour, turn no direction", async () => {
    expect(await tailOf("\u001b[31mred\u0007\u202edlrow\u2028\u0000\n")).toEqual([
      "\\u{1b}[31mred\\u{7}\\u{202e}dlrow\\u{2028}\\u{0}",
    ]);
  });

  test("may be no text at all", async () => {
    expect(await tailOf(Uint8Array.of(0xff, 0xfe, 10))).toEqual(["\ufffd\ufffd"]);
  });
});
