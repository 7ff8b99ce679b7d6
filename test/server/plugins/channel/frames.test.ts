import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  encodeFrame,
  FRAME_KINDS,
  type FrameKind,
  FrameLengthError,
  FrameReader,
} from "../../../../server/plugins/channel/frames.ts";
import { sized } from "../../../support/sizes.ts";

const RUNS = sized(200, 5_000);
const kinds = Object.keys(FRAME_KINDS) as FrameKind[];
const frames = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    id: fc.integer({ min: 0, max: 0xffff_ffff }),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 20 },
);

/** `bytes` in pieces of the given sizes, repeated. */
function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const copies = (reader: FrameReader, bytes: Uint8Array) =>
  [...reader.read(bytes)].map((frame) => ({ ...frame, payload: new Uint8Array(frame.payload) }));

describe("frames", () => {
  test("arrive as they were sent, however the bytes are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(({ kind, id, payload }) => encodeFrame(kind, id, payload)));
        const reader = new FrameReader();
        const received = [...pieces(bytes, sizes)].flatMap((piece) => copies(reader, piece));
        expect(received).toEqual(sent);
      }),
      { numRuns: RUNS },
    );
  });

  test("a text is sent as UTF-8", () => {
    const [frame] = copies(new FrameReader(), encodeFrame("response", 7, '"grün 🌱"'));
    expect(new TextDecoder().decode(frame?.payload)).toBe('"grün 🌱"');
  });

  test("an unknown kind is a frame without a kind: the next can be read", () => {
    const strange = encodeFrame("request", 1, "x");
    strange[4] = 200;
    const [first, second] = copies(new FrameReader(), Buffer.concat([strange, encodeFrame("end", 2)]));
    expect(first?.kind).toBeUndefined();
    expect(second).toMatchObject({ kind: "end", id: 2 });
  });

  test("a length beyond the limit, or too short for a head, ends the reading before anything is held for it", () => {
    for (const length of [0, 4, 5 + 101, 10 * 1024 * 1024, 0xffff_ffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(length, 0);
      expect(() => [...new FrameReader(100).read(bytes)]).toThrow(FrameLengthError);
      const reader = new FrameReader(100);
      const cut = () => [...pieces(bytes, [1])].flatMap((piece) => copies(reader, piece));
      expect(cut).toThrow(FrameLengthError);
    }
    expect(copies(new FrameReader(100), encodeFrame("data", 1, new Uint8Array(100)))).toHaveLength(1);
  });

  test("any bytes give frames or a FrameLengthError, nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const reader = new FrameReader(1_000);
        try {
          for (const chunk of chunks) copies(reader, chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameLengthError);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
