/*
 * Prints binnacle.d.ts.txt, the declarations that an editor needs beside a plugin, from this folder's sources.
 *
 *   bun plugins/sdk/print-types.ts
 */

const HEAD = `// The types of the module "binnacle", for editors. Written by \`binnacle plugin new\`; Binnacle itself does not read it.
`;

/** One ambient module of types.ts and the signatures of index.ts and channel.ts. */
export async function printTypes(): Promise<string> {
  const types = await Bun.file(new URL("./types.ts", import.meta.url)).text();
  const sources = ["./index.ts", "./channel.ts"].map((path) =>
    Bun.file(new URL(path, import.meta.url)).text(),
  );
  const body = `${withoutHead(types)}\n${(await Promise.all(sources)).map(signatures).join("\n")}`;
  return `${HEAD}declare module "binnacle" {\n${indented(body)}\n}\n`;
}

/** The comment on top speaks to us. */
const withoutHead = (source: string): string => source.replace(/^\/\*[\s\S]*?\*\/\n+/, "");

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
