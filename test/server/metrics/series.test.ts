import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/errors/app-error.ts";
import { defineSeries, parseSeriesKey, seriesKey } from "../../../server/metrics/series.ts";

describe("a series key", () => {
  test("is the bare name when there are no labels", () => {
    expect(seriesKey("host_uptime_seconds", {})).toBe("host_uptime_seconds");
  });

  test("is the same in whatever order the labels are given", () => {
    const key = 'disk_bytes{mount="/",state="used"}';
    expect(seriesKey("disk_bytes", { state: "used", mount: "/" })).toBe(key);
    expect(seriesKey("disk_bytes", { mount: "/", state: "used" })).toBe(key);
  });

  test("comes back unchanged through every character a mount point may hold", () => {
    const mount = 'C:\\new folder\\"quoted",{a="b"}\n\t=ü🙂 \\n';
    const parsed = parseSeriesKey(seriesKey("disk_bytes", { mount, state: "" }));
    expect(parsed).toEqual({ name: "disk_bytes", labels: { mount, state: "" } });
  });

  test("is made canonical by reading and writing it", () => {
    const { name, labels } = parseSeriesKey('a{z="1",b="2"}');
    expect(seriesKey(name, labels)).toBe('a{b="2",z="1"}');
    expect(parseSeriesKey("a{}")).toEqual({ name: "a", labels: {} });
  });

  test.each([
    ["", "does not begin with a metric name"],
    ["9lives", "does not begin with a metric name"],
    ["a b", "does not begin with a metric name"],
    ["a{", "a label name is expected at character 2"],
    ["a{b}", "a label name is expected at character 2"],
    ['a{b="c"', '"," or "}" is expected at character 7'],
    ['a{b="c', "has no closing quote"],
    ['a{b="c\\', "unknown escape at character 6"],
    ['a{b="\\t"}', "unknown escape at character 5"],
    ['a{b="c"}x', "goes on after the closing brace at character 7"],
    ['a{b="c",b="d"}', "the label b comes twice"],
    ['a{__proto__="c"}', "a label name is expected"],
    ['a{b="c" ,d="e"}', "is expected at character 7"],
    [`a{${Array.from({ length: 33 }, (_, index) => `l${index}="1"`).join(",")}}`, "more than 32 labels"],
    ["a".repeat(2049), "longer than 2048 characters"],
  ])("refuses %s and says what is wrong", (key, reason) => {
    expect(() => parseSeriesKey(key)).toThrow(AppError);
    expect(() => parseSeriesKey(key)).toThrow(reason);
  });
});

describe("a series definition", () => {
  test("is frozen and does not follow the object it was made from", () => {
    const labels: Record<string, string> = { core: "0" };
    const series = defineSeries("cpu_core_usage_percent", labels, "percent", "Busy share of one core.");
    labels.core = "1";
    expect(series.labels).toEqual({ core: "0" });
    expect(series.key).toBe('cpu_core_usage_percent{core="0"}');
    expect(Object.isFrozen(series) && Object.isFrozen(series.labels)).toBe(true);
  });
});
