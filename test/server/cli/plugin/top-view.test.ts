import { describe, expect, test } from "bun:test";
import pc from "picocolors";
import { readKeys } from "../../../../server/cli/plugin/top-keys.ts";
import { drawTop, type TopScreen } from "../../../../server/cli/plugin/top-view.ts";
import { fakePlugin } from "./fake-plugin.ts";

const plain = { colours: pc.createColors(false) };
const screen = (given: Partial<TopScreen> = {}): TopScreen => ({
  plugins: [
    fakePlugin({ id: "alpha" }),
    fakePlugin({ id: "beta", state: "paused", pid: null, cpuPercent: null, memoryBytes: null }),
  ],
  selected: "beta",
  message: "",
  isFailure: false,
  target: "/data",
  columns: 80,
  rows: 24,
  ...given,
});
const many = Array.from({ length: 60 }, (_, index) => fakePlugin({ id: `plugin-${index}` }));

describe("the screen of plugin top", () => {
  test("fills 80 × 24 exactly, with the selected plugin marked", () => {
    const lines = drawTop(screen(), plain);
    expect(lines).toHaveLength(24);
    expect(lines[0]).toBe("Binnacle plugins at /data   2 in all");
    expect(lines[1]).toBe("  NAME              STATE       HEALTH    UPTIME     CALLS  ERR  CPU % MEMORY   ");
    expect(lines[2]).toStartWith("  alpha             active      healthy ");
    expect(lines[2]).toContain("12     1    1.3   20.0 MiB");
    expect(lines[3]).toStartWith("> beta              paused      healthy   – ");
    expect(lines[23]).toContain("ENTER start or resume   SPACE pause   DELETE stop");
  });

  test.each([
    [80, 24],
    [40, 10],
    [20, 6],
    [200, 50],
  ])("never goes beyond %i × %i, whatever a plugin is called", (columns, rows) => {
    const plugins = [
      fakePlugin({ id: "x".repeat(300) }),
      fakePlugin({ id: "a\u001b[2Jb\nc\u202E" }),
      ...many,
    ];
    const lines = drawTop(
      screen({ plugins, selected: plugins[0]?.id, message: "m".repeat(400), columns, rows }),
      plain,
    );
    expect(lines.length).toBe(rows);
    expect(lines.filter((line) => Bun.stringWidth(line) > columns)).toEqual([]);
    expect(lines.join("")).not.toMatch(/[\p{Cc}\u202E]/u);
  });

  test("follows the selection through a long list", () => {
    for (const index of [0, 19, 20, 59]) {
      const lines = drawTop(screen({ plugins: many, selected: `plugin-${index}` }), plain);
      expect(lines.filter((line) => line.startsWith(`> plugin-${index} `))).toHaveLength(1);
    }
    expect(drawTop(screen({ plugins: many }), plain)[0]).toContain("60 in all, 40 more beyond the screen");
  });

  test("says so when there is nothing", () => {
    expect(drawTop(screen({ plugins: [], selected: undefined }), plain)[2]).toBe("  There are no plugins.");
  });
});

describe("keys", () => {
  test("come in pieces, and as every terminal sends them", () => {
    expect(readKeys("\u001b[A\u001bOB\r q")).toEqual(["up", "down", "run", "pause", "quit"]);
    expect(readKeys("\u001b[3~")).toEqual(["stop"]);
    expect(readKeys("\u007f")).toEqual(["stop"]);
    expect(readKeys("\u0003")).toEqual(["quit"]);
  });

  test("of other sequences are no letters", () => {
    expect(readKeys("\u001b[1;5q\u001b[15~xyz")).toEqual([]);
    expect(readKeys("\u001b")).toEqual([]);
  });
});
