import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { REDACTED, Redactor, redactStream } from "../../../server/secrets/redactor.ts";
import { sized } from "../../support/sizes.ts";

const SECRET = 'pä$$ "wörd"/+\\n&<x>';
const RUNS = sized(200, 5_000);
const MAX_VALUES = 5_000;

const knowing = (...values: string[]): Redactor => {
  const redactor = new Redactor();
  for (const value of values) redactor.remember(value);
  return redactor;
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("a secret is taken out", () => {
  test.each<[string, string]>([
    ["as it is", SECRET],
    ["in JSON", JSON.stringify({ value: SECRET })],
    ["in JSON within JSON", JSON.stringify({ text: JSON.stringify({ value: SECRET }) })],
    ["in a URL", `https://x.test/?q=${encodeURIComponent(SECRET)}`],
    ["in a URL with small escapes", encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
    ["in a form", new URLSearchParams({ value: SECRET }).toString()],
    ["in hex", Buffer.from(SECRET).toString("hex")],
    ["in capital hex", Buffer.from(SECRET).toString("hex").toUpperCase()],
    ["in base64", base64(SECRET)],
    ["in base64url", Buffer.from(SECRET).toString("base64url")],
    ["in Basic credentials", base64(`user:${SECRET}`)],
    ["in base64 one further", base64(`users:${SECRET}`)],
    ["in base64 between others", base64(`some:${SECRET}:more`)],
    ["twice", `${SECRET} and ${SECRET}`],
    ["at both ends of a long text", SECRET + "x".repeat(100_000) + SECRET],
  ])("%s", (_where, text) => {
    const clean = knowing(SECRET).scrub(text);
    expect(clean).toContain(REDACTED);
    expect(clean).not.toContain(SECRET);
    expect(clean.length).toBeLessThan(text.length);
    for (const form of [SECRET, base64(SECRET).slice(4, -4), Buffer.from(SECRET).toString("hex")]) {
      expect(clean.toLowerCase()).not.toContain(form.toLowerCase());
    }
  });

  test("wherever it stands, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6, maxLength: 40, unit: "grapheme" }),
        fc.string({ maxLength: 40 }),
        fc.string({ maxLength: 40 }),
        (secret, before, after) => {
          const clean = knowing(secret).scrub(`${before}${secret}${after}`);
          expect(clean).toContain(REDACTED);
          expect(clean.split(REDACTED).join("")).not.toContain(secret);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("line by line, when it has several", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nw0BAQEFAASCBKcwggSj\n-----END KEY-----";
    const clean = knowing(key).scrub("line MIIEvQIBADANBgkqhkiG of a file -----BEGIN KEY-----");
    expect(clean).toBe(`line ${REDACTED} of a file -----BEGIN KEY-----`);
  });

  test("the longest that fits, when one begins with another", () => {
    expect(knowing("abcdef", "abcdefghij").scrub("x abcdefghij abcdefg")).toBe(`x ${REDACTED} ${REDACTED}g`);
  });
});

describe("what is no secret stays", () => {
  test("also when it begins like one, or is shorter than six characters", () => {
    const redactor = knowing("abcdefgh", "short");
    expect(redactor.remember("short")).toBe(false);
    expect(redactor.scrub("abcdefg short")).toBe("abcdefg short");
  });

  test("a field of our own JSON keeps its name", () => {
    expect(knowing("metrics").scrub('{"metrics":["metrics"],"x":"my metrics"}')).toBe(
      `{"metrics":["${REDACTED}"],"x":"my ${REDACTED}"}`,
    );
  });

  test("nothing is changed without secrets", () => {
    expect(new Redactor().scrub(SECRET)).toBe(SECRET);
  });
});

test("so many values are remembered, and then no more", () => {
  const redactor = new Redactor();
  const values = Array.from({ length: MAX_VALUES }, (_, index) => `value number ${index}`);
  expect(values.every((value) => redactor.remember(value))).toBe(true);
  expect(redactor.remember("one too many")).toBe(false);
  expect(redactor.remember("value number 0")).toBe(true);
  expect(redactor.scrub("one too many, value number 0")).toBe(`one too many, ${REDACTED}`);
});

describe("a stream", () => {
  test("loses a secret that is cut in two anywhere, and nothing else", async () => {
    const redactor = knowing(SECRET);
    const bytes = new TextEncoder().encode(`before ${SECRET} after €`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const body = new Blob([bytes]).stream();
      const chunks = [bytes.slice(0, cut), bytes.slice(cut)];
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(chunk);
          controller.close();
        },
      });
      await body.cancel();
      expect(await new Response(redactStream(redactor, stream)).text()).toBe(`before ${REDACTED} after €`);
    }
  });

  test("keeps characters whole that the part held back would cut", async () => {
    // The single unit between them shifts where the cut falls, whatever the length of what is held back.
    const text = `${"😀".repeat(500)}a${"😀".repeat(500)}`;
    const chunks = Array.from(text, (character) => new TextEncoder().encode(character));
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    expect(await new Response(redactStream(knowing("abcdefg"), stream)).text()).toBe(text);
  });
});
