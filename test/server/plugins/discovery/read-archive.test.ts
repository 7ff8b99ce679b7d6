import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "../../../../server/errors/app-error.ts";
import { readArchive } from "../../../../server/plugins/discovery/install/read-archive.ts";
import { sized } from "../../../support/sizes.ts";
import { type Claimed, tarGzOf, tarOf, zipOf } from "./archives.ts";

const FORMATS = [
  ["tar", tarOf],
  ["tar.gz", tarGzOf],
  ["zip", async (entries: readonly Claimed[]) => zipOf(entries)],
] as const;
const WHOLE: Claimed[] = [
  { name: "plugin.json", content: "{}" },
  { name: "lib/", type: "directory" },
  { name: "lib/a.ts", content: "a" },
  { name: "empty" },
];
const MEBIBYTE = 1024 * 1024;

const textsOf = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]));

async function refusalOf(bytes: Uint8Array): Promise<string> {
  try {
    await readArchive(bytes);
  } catch (error) {
    if (error instanceof AppError && error.code === "plugin_invalid") return error.message;
    throw error;
  }
  return "taken";
}

describe.each(FORMATS)("a .%s", (format, make) => {
  test("gives its files", async () => {
    expect(textsOf(await readArchive(await make(WHOLE)))).toEqual({
      "plugin.json": "{}",
      "lib/a.ts": "a",
      empty: "",
    });
  });

  test("may hold everything in one folder; what macOS adds is left out", async () => {
    const wrapped = WHOLE.map((entry) => ({ ...entry, name: `probe-1.0.0/${entry.name}` }));
    const foreign = [
      { name: "__MACOSX/probe-1.0.0/._plugin.json", content: "x" },
      { name: "probe-1.0.0/.DS_Store" },
    ];
    const files = await readArchive(await make([...wrapped, ...foreign]));
    expect([...files.keys()].sort()).toEqual(["empty", "lib/a.ts", "plugin.json"]);
  });

  test.each([
    ["../evil.ts", "leads out of the archive"],
    ["a/../../evil.ts", "leads out of the archive"],
    ["/etc/cron.d/evil", "has an absolute name"],
    ["C:/evil.ts", "has an absolute name"],
    ["..\\evil.ts", "backslash"],
    ["a\u001b[2J.ts", "control character"],
    [`${"d/".repeat(17)}a`, "more than 16 folders deep"],
    ["x".repeat(256), "more than 255 bytes"],
  ])("with %j is refused by name", async (name, reason) => {
    const refusal = await refusalOf(await make([...WHOLE, { name, content: "evil" }]));
    expect(refusal).toContain(reason);
    expect(refusal).toContain(JSON.stringify(name).slice(0, 20));
  });

  test.each([
    ["plugin.json", "stands there twice"],
    ["./plugin.json", "stands there twice"],
    ["Plugin.JSON", "stands there twice"],
    ["empty/file", "is both a file and a folder"],
    ["lib", "is both a file and a folder"],
  ])("with %j beside the others is refused", async (name, reason) => {
    expect(await refusalOf(await make([...WHOLE, { name, content: "x" }]))).toContain(reason);
  });

  test("with too many files or bytes is refused", async () => {
    const many = Array.from({ length: 2_001 }, (_, at) => ({ name: `f${at}` }));
    expect(await refusalOf(await make(many))).toContain("more than 2000 files");
    const noise = crypto.getRandomValues(Buffer.alloc(65_536));
    const large = Array.from({ length: 21 }, (_, at) => ({
      name: `f${at}`,
      content: Buffer.concat(Array(16).fill(noise)),
    }));
    expect(await refusalOf(await make(large))).toMatch(/more than 20 MiB when it is unpacked|times its size/);
  });

  test("that is cut off anywhere is refused, or gives nothing that it did not hold", async () => {
    const whole = Buffer.from(await make(WHOLE));
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 40)) {
      const files = await readArchive(whole.subarray(0, length)).catch((error: unknown) => error);
      if (files instanceof AppError) expect(files.code).toBe("plugin_invalid");
      else
        expect(
          Object.keys(textsOf(files as Map<string, Uint8Array>)).every((name) =>
            WHOLE.some((entry) => entry.name === name),
          ),
        ).toBeTrue();
    }
  });

  test("with any names gives only paths inside, or is refused", async () => {
    const part = fc.oneof(
      fc.constantFrom("..", ".", "", "a", "A", "b", "C:", "ä", "\\", "con"),
      fc.string({ maxLength: 5 }),
    );
    const name = fc
      .array(part, { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join("/").replaceAll("\0", "") || "x");
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), async (names) => {
        const bytes = await make(names.map((one) => ({ name: one, content: "x" })));
        const outcome = await readArchive(bytes).catch((error: unknown) => error);
        if (outcome instanceof AppError) return outcome.code === "plugin_invalid";
        const paths = [...(outcome as Map<string, Uint8Array>).keys()];
        return paths.every(
          (path) => !path.startsWith("/") && !path.split("/").includes("..") && !/[\\\p{Cc}]/u.test(path),
        );
      }),
      { numRuns: sized(150, 3_000) },
    );
  });

  test(`of ${format} is taken from any buffer, also a view into a larger one`, async () => {
    const bytes = await make(WHOLE);
    const larger = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("")]);
    expect((await readArchive(larger.subarray(6))).size).toBe(3);
  });
});

describe("what is no file", () => {
  test.each([
    ["symlink", "is a symbolic link, not a file"],
    ["link", "is a hard link, not a file"],
    ["character-device", "is a device, not a file"],
    ["block-device", "is a device, not a file"],
    ["fifo", "is a pipe, not a file"],
  ] as const)("a %s in a tar is refused by name", async (type, reason) => {
    const bytes = await tarOf([...WHOLE, { name: "evil", type, linkname: "/etc/passwd" }]);
    expect(await refusalOf(bytes)).toContain(`The archive holds "evil", which ${reason}`);
  });

  test.each([
    ["symlink", "is a symbolic link, not a file"],
    ["fifo", "is a pipe, not a file"],
  ] as const)("a %s in a zip is refused by name", async (type, reason) => {
    const bytes = zipOf([...WHOLE, { name: "evil", type, content: "/etc/passwd" }]);
    expect(await refusalOf(bytes)).toContain(`The archive holds "evil", which ${reason}`);
  });
});

describe("what was made to hurt", () => {
  test("a gzip of zeros", async () => {
    const zeros = [{ name: "zeros", content: Buffer.alloc(19 * MEBIBYTE) }];
    expect(await refusalOf(await tarGzOf(zeros))).toContain("swells to more than 200 times its size");
  });

  test("a zip of zeros, and one that lies about it", async () => {
    const zeros = [{ name: "zeros", content: Buffer.alloc(19 * MEBIBYTE) }];
    expect(await refusalOf(zipOf(zeros))).toContain("swells to more than 200 times its size");
    expect(await refusalOf(zipOf(zeros, 10))).toContain("is damaged");
    expect(await refusalOf(zipOf([{ name: "a", content: "a" }], 10))).toContain("is damaged");
  });

  test("a damaged one", async () => {
    const gzip = Buffer.from(await tarGzOf(WHOLE));
    gzip[20] = (gzip[20] ?? 0) ^ 0xff;
    expect(await refusalOf(gzip)).toContain("is damaged");
    const tar = Buffer.from(await tarOf(WHOLE));
    tar.write("evil", 148);
    expect(await refusalOf(tar)).toContain("is damaged");
  });

  test.each(["", "hello", "PK", "\x1f\x8b"])("%j is none", async (text) => {
    expect(await refusalOf(Buffer.from(text, "latin1"))).toMatch(/is none|is damaged/);
  });
});
