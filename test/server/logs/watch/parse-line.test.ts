import { describe, expect, test } from "bun:test";
import { parseLine } from "../../../../server/logs/watch/parse-line.ts";

const NOW = Date.UTC(2030, 5, 1);
const auto = (text: string) => parseLine(text, { format: "auto" }, NOW);
const NOON = Date.UTC(2030, 0, 1, 12);

describe("a line of JSON", () => {
  test.each<[string, object]>([
    [
      '{"level":40,"time":1893499200000,"msg":"slow","pid":7}',
      { at: NOON, level: "warning", message: "slow", fields: { pid: 7 } },
    ],
    [
      '{"severity":"ERROR","timestamp":"2030-01-01T12:00:00Z","message":"no","trace_id":"ab","span_id":"cd"}',
      { at: NOON, level: "error", message: "no", fields: { traceId: "ab", spanId: "cd" } },
    ],
    ['{"ts":1893499200.5,"lvl":"dbg","msg":"zap"}', { at: NOON + 500, level: "debug", message: "zap" }],
    ['{"time":1893499200000000000,"msg":"ns"}', { at: NOON, message: "ns" }],
    [
      '{"level":"loud","time":"soon","msg":"x"}',
      { at: NOW, level: "info", fields: { level: "loud", time: "soon" } },
    ],
    ['{"msg":{"a":1}}', { message: '{"a":1}' }],
    ['{"other":1}', { message: '{"other":1}', fields: { other: 1 } }],
  ])("%s", (text, expected) => {
    expect(auto(text)).toMatchObject(expected);
  });

  test("that is none is taken as it is", () => {
    expect(parseLine('{"cut":', { format: "json" }, NOW)).toMatchObject({
      message: '{"cut":',
      level: "info",
    });
  });

  test("is read by the fields that the settings name", () => {
    const format = { format: "json", messageField: "what", levelField: "how", timeField: "when" } as const;
    expect(parseLine('{"what":"w","how":"err","when":1893499200,"msg":"m"}', format, NOW)).toEqual({
      at: NOON,
      level: "error",
      message: "w",
      fields: { msg: "m" },
    });
  });
});

test("a line of logfmt", () => {
  expect(auto('time=2030-01-01T12:00:00Z level=warn msg="it \\"broke\\"" n=1')).toEqual({
    at: NOON,
    level: "warning",
    message: 'it "broke"',
    fields: { n: "1" },
  });
  expect(auto("PATH=/bin was set").message).toBe("PATH=/bin was set");
});

describe("a plain line", () => {
  test.each<[string, object]>([
    ["2030-01-01T12:00:00.250Z ERROR it broke", { at: NOON + 250, level: "error" }],
    ["2030-01-01 12:00:00,250+00:00 [warn] hm", { at: NOON + 250, level: "warning" }],
    ['10.0.0.1 - - [01/Jan/2030:13:00:00 +0100] "GET / HTTP/1.1" 200', { at: NOON, level: "info" }],
    ["no errors here, all information is fine", { at: NOW, level: "info" }],
    ["9999-99-99T99:99:99Z DEBUG", { at: NOW, level: "debug" }],
  ])("%s", (text, expected) => {
    expect(auto(text)).toMatchObject({ message: text, ...expected });
  });

  test("of syslog has no year: the one before when it would lie ahead", () => {
    expect(new Date(auto("Jan  2 03:04:05 host cron[1]: x").at).getFullYear()).toBe(2030);
    expect(new Date(auto("Dec 31 03:04:05 host cron[1]: x").at).getFullYear()).toBe(2029);
  });
});

test("a field may have any name, also one that every object knows", () => {
  const text = '{"message":"m","__proto__":{"x":1},"constructor":"c","toString":"s"}';
  const { message, fields } = parseLine(text, { format: "auto" }, 0);
  expect(message).toBe("m");
  expect(Object.entries(fields ?? {})).toEqual([
    ["__proto__", { x: 1 }],
    ["constructor", "c"],
    ["toString", "s"],
  ]);
  const pairs = parseLine("a=1 __proto__=2", { format: "logfmt" }, 0);
  expect(Object.entries(pairs.fields ?? {})).toEqual([
    ["a", "1"],
    ["__proto__", "2"],
  ]);
});
