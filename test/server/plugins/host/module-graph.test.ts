import { describe, expect, test } from "bun:test";
import { buildModuleGraph, type PluginModule } from "../../../../server/plugins/host/module-graph.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const WASM = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

function graph(
  files: Record<string, string | Uint8Array>,
  { main = "main.ts", allowed = [] }: { main?: string; allowed?: string[] } = {},
): ReadonlyMap<string, PluginModule> {
  const entries = Object.entries(files).map(
    ([path, content]) => [path, typeof content === "string" ? bytes(content) : content] as const,
  );
  return buildModuleGraph(new Map(entries), main, allowed);
}

const contentsOf = (modules: ReadonlyMap<string, PluginModule>, path: string): string => {
  const module = modules.get(path);
  return module && "contents" in module ? module.contents : "";
};
const valueIn = (modules: ReadonlyMap<string, PluginModule>, path: string): unknown => {
  const module = modules.get(path);
  return module && "value" in module ? module.value() : undefined;
};

describe("the modules of a plugin", () => {
  test("are those that main reaches, from wherever they are imported", () => {
    const modules = graph({
      "main.ts": `import { a } from "./lib/a"; import './side.js'; const lazy = () => import("./lib/lazy.tsx"); a(lazy);`,
      "lib/a.ts": `export { b as a } from "../b.ts";`,
      "b.ts": `export * from "./lib";`,
      "lib/index.ts": `export const b = 1;`,
      "lib/lazy.tsx": `export default 1;`,
      "side.js": ``,
      "unused.ts": `syntax error`,
    });
    expect([...modules.keys()].sort()).toEqual([
      "b.ts",
      "lib/a.ts",
      "lib/index.ts",
      "lib/lazy.tsx",
      "main.ts",
      "side.js",
    ]);
  });

  test("are rewritten in their place: lines stay, and what only looks like an import stays as it was", () => {
    const source = [
      `// import { x } from "./lib";`,
      `import { x } from "./lib";`,
      ``,
      `const text = 'import { y } from "./lib"';`,
      "const template = `import z from './lib'`;",
      `import type { T } from "./lib";`,
      `export default { execute: (t: T) => text + template + x + t };`,
    ].join("\n");
    const modules = graph({ "main.ts": source, "lib.ts": "export const x = 1; export type T = string;" });
    expect(contentsOf(modules, "main.ts")).toBe(
      source.replace(`\nimport { x } from "./lib";`, `\nimport { x } from "plugin:lib.ts";`),
    );
  });

  test("a type that is imported without the word type needs no file at run time", () => {
    const modules = graph({ "main.ts": `import { T } from "./types.d.ts"; export default (t: T) => t;` });
    expect([...modules.keys()]).toEqual(["main.ts"]);
  });

  test("the ending that TypeScript would write means the TypeScript file", () => {
    const modules = graph({
      "main.ts": `import x from "./a.js"; export default x;`,
      "a.ts": "export default 1",
    });
    expect(modules.has("a.ts")).toBe(true);
  });

  test("circles are modules like others", () => {
    const modules = graph({ "main.ts": `import "./a";`, "a.ts": `import "./main"; export {};` });
    expect(contentsOf(modules, "a.ts")).toContain('"plugin:main.ts"');
  });

  test("data is what it is: JSON a value, text a text, WebAssembly a module, anything else bytes", () => {
    const modules = graph({
      "main.ts": `import a from "./a.json"; import b from "./b.txt"; import c from "./c.wasm"; import d from "./d.bin" with { type: "file" };
        export default [a, b, c, d];`,
      "a.json": `{"k":[1]}`,
      "b.txt": "grün",
      "c.wasm": WASM,
      "d.bin": Uint8Array.of(1, 2),
    });
    expect(valueIn(modules, "a.json")).toEqual({ k: [1] });
    expect(valueIn(modules, "b.txt")).toBe("grün");
    expect(valueIn(modules, "c.wasm")).toBeInstanceOf(WebAssembly.Module);
    expect(valueIn(modules, "d.bin")).toEqual(Uint8Array.of(1, 2));
  });
});

describe("what a plugin may import", () => {
  const importing = (specifier: string) => ({
    "lib/a.ts": `import x from "${specifier}"; export default x;`,
  });
  const load = (specifier: string, allowed: string[] = []) =>
    graph(importing(specifier), { main: "lib/a.ts", allowed });

  test("is binnacle, always", () => {
    expect(load("binnacle").size).toBe(1);
  });

  test("of the host, only what the server allows, with or without the prefix", () => {
    expect(() => load("node:fs")).toThrow(
      'lib/a.ts imports "node:fs": this server does not allow it (plugins.allowedImports).',
    );
    for (const specifier of ["fs", "node:fs/promises", "bun:ffi", "bun:sqlite", "bun"]) {
      expect(() => load(specifier)).toThrow("plugins.allowedImports");
    }
    expect(load("node:fs", ["fs"]).size).toBe(1);
    expect(load("fs", ["node:fs"]).size).toBe(1);
    expect(load("bun:ffi", ["*"]).size).toBe(1);
    expect(() => load("node:net", ["node:fs"])).toThrow("plugins.allowedImports");
  });

  test("no packages: they are bundled first", () => {
    expect(() => load("lodash", ["*"])).toThrow("bun build");
    expect(() => load("/etc/passwd")).toThrow('imports "/etc/passwd": it is no file of the plugin');
    expect(() => load("file:///etc/passwd")).toThrow("no file of the plugin");
    expect(() => load("https://example.com/a.js")).toThrow("no file of the plugin");
  });

  test("no file outside of its folder", () => {
    expect(() => load("../../main.ts")).toThrow("outside the plugin's folder");
    expect(() => load("./../../etc/passwd")).toThrow("outside the plugin's folder");
    expect(() => load("../b.ts")).toThrow('imports "../b.ts": the plugin has no such file.');
  });

  test("dynamic imports and require are held to the same", () => {
    expect(() => graph({ "main.ts": `const fs = await import("node:fs"); export default fs;` })).toThrow(
      "allowedImports",
    );
    expect(() => graph({ "main.ts": `export default require("child_process");` })).toThrow("allowedImports");
    expect(() => graph({ "main.ts": `export default require("./a.js");`, "a.js": "" })).toThrow("use import");
  });

  test("a specifier in a strange place is found, and asked to be written plainly", () => {
    const files = {
      "main.ts": `import x from /* here */ "./a"; export default x;`,
      "a.ts": "export default 1",
    };
    expect(() => graph(files)).toThrow("write it as a plain text");
  });
});

describe("a plugin that cannot be read", () => {
  test("says where its syntax is wrong", () => {
    expect(() => graph({ "main.ts": "const a = 1;\nexport const = 2;" })).toThrow(/^main\.ts:2:\d+: /);
    expect(() => graph({ "main.ts": `import "./b";`, "b.ts": "let let = {" })).toThrow(/^b\.ts:1:\d+: /);
  });

  test("says which file is broken data", () => {
    const modules = graph({ "main.ts": `import a from "./a.json"; export default a;`, "a.json": "{" });
    expect(() => valueIn(modules, "a.json")).toThrow(/^a\.json: /);
  });

  test("without its main says so", () => {
    expect(() => graph({ "other.ts": "" })).toThrow("The plugin has no file main.ts.");
  });
});
