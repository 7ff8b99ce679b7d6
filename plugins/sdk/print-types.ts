/*
 * Prints binnacle.d.ts.txt, the declarations that an editor needs beside a plugin, from this folder's sources.
 *
 *   bun plugins/sdk/print-types.ts
 */

const HEAD = `// The types of the module "binnacle", for editors. Written by \`binnacle plugin new\`; Binnacle itself does not read it.
`;

const TYPES = ["./context.ts", "./alerts.ts", "./definitions.ts"];
const FUNCTIONS = ["./index.ts", "./channel.ts"];

/** One ambient module of the types and of the signatures of the functions. */
export async function printTypes(): Promise<string> {
  const [types, functions] = await Promise.all([sourcesOf(TYPES), sourcesOf(FUNCTIONS)]);
  const body = [...types.map(withoutHead), ...functions.map(signatures)].join("\n");
  return `${HEAD}declare module "binnacle" {\n${indented(body)}\n}\n`;
}

const sourcesOf = (paths: readonly string[]): Promise<string[]> =>
  Promise.all(paths.map((path) => Bun.file(new URL(path, import.meta.url)).text()));

/** The comment on top speaks to us; what the files take from each other is one module in the print. */
const withoutHead = (source: string): string =>
  source.replace(/^\/\*[^*][\s\S]*?\*\/\n+/, "").replace(/^import [^;]*;\n+/gm, "");

/** Each exported function with its docstring, without its body. */
function signatures(source: string): string {
  const functions = source.matchAll(
    /(\/\*\* [^\n]* \*\/\n)export (?:async )?(function [^{]*?\n?\): [^\n]*?) \{\n/g,
  );
  return [...functions].map(([, comment, signature]) => `${comment}export ${signature};\n`).join("\n");
}

const indented = (text: string): string => text.trimEnd().replace(/^(?=.)/gm, "  ");

if (import.meta.main) {
  await Bun.write(new URL("./binnacle.d.ts.txt", import.meta.url), await printTypes());
}
