import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MAX_FRAME_BYTES, MAX_FRAME_DEPTH } from "../../../../schema/plugin/rpc.ts";
import {
  decodeJson,
  encodeJson,
  JsonError,
  type JsonRefusal,
} from "../../../../server/plugins/channel/json.ts";
import { sized } from "../../../support/sizes.ts";

const RUNS = sized(200, 5_000);
const bytesOf = (text: string) => new TextEncoder().encode(text);

function refusalOf(run: () => unknown): JsonRefusal | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof JsonError) return error.refusal;
    throw error;
  }
}

describe("JSON of an untrusted process", () => {
  test("what was encoded is decoded", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10, noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes("__proto__"));
        expect(decodeJson(bytesOf(encodeJson(value)))).toEqual(JSON.parse(text));
      }),
      { numRuns: RUNS },
    );
  });

  test("undefined becomes null", () => {
    expect(decodeJson(bytesOf(encodeJson(undefined)))).toBeNull();
  });

  test("nesting is looked at before anything is parsed", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(refusalOf(() => decodeJson(bytesOf(nested(MAX_FRAME_DEPTH))))).toBeUndefined();
    expect(refusalOf(() => decodeJson(bytesOf(nested(MAX_FRAME_DEPTH + 1))))).toBe("too_deep");
    expect(refusalOf(() => decodeJson(bytesOf("[".repeat(1_000_000))))).toBe("too_deep");
    expect(refusalOf(() => decodeJson(bytesOf('{"a":'.repeat(100_000))))).toBe("too_deep");
  });

  test("brackets within texts do not nest", () => {
    const text = JSON.stringify(`${"[{".repeat(1_000)}\\"`);
    expect(decodeJson(bytesOf(text))).toBe(`${"[{".repeat(1_000)}\\"`);
  });

  test("keys that lead to a prototype are refused, plain or escaped, at any depth", () => {
    for (const text of [
      '{"__proto__":{"isAdmin":true}}',
      '{"\\u005f_proto__":1}',
      '[{"a":{"__proto__":null}}]',
      '{"constructor":{"prototype":{}}}',
      '{"c\\u006fnstructor":{"prototype":1}}',
    ]) {
      expect(refusalOf(() => decodeJson(bytesOf(text)))).toBe("prototype_key");
    }
  });

  test("a word is a word: constructor as a text, or as a key of something plain", () => {
    for (const text of [
      '{"constructor":"Ferrari"}',
      '{"note":"__proto__"}',
      '{"constructor":{"name":"x"}}',
    ]) {
      expect(refusalOf(() => decodeJson(bytesOf(text)))).toBeUndefined();
    }
  });

  test("broken JSON and broken UTF-8 are refused", () => {
    for (const bytes of [bytesOf(""), bytesOf("{"), bytesOf("[1,]"), new Uint8Array([0x22, 0xff, 0x22])]) {
      expect(refusalOf(() => decodeJson(bytes))).toBe("bad_json");
    }
  });

  test("any bytes give a value or a JsonError, and no object gets another prototype", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(["bad_json", "too_deep", "prototype_key", undefined]).toContain(
          refusalOf(() => decodeJson(bytes)),
        );
      }),
      { numRuns: RUNS },
    );
    expect(Reflect.get({}, "isAdmin")).toBeUndefined();
  });

  test("what cannot be sent says why", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(refusalOf(() => encodeJson(circle))).toBe("not_json");
    expect(refusalOf(() => encodeJson(1n))).toBe("not_json");
    expect(refusalOf(() => encodeJson("x".repeat(MAX_FRAME_BYTES)))).toBe("too_large");
    expect(refusalOf(() => encodeJson(JSON.parse('[{"__proto__":1}]')))).toBe("prototype_key");
    const deep = Array.from({ length: MAX_FRAME_DEPTH + 1 }).reduce<unknown>((inner) => [inner], 1);
    expect(refusalOf(() => encodeJson(deep))).toBe("too_deep");
  });
});
