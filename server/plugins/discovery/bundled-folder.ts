import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MANIFEST_FILE } from "../manifest/read-manifest.ts";
import { readSource } from "./source-files.ts";
import { listSource } from "./source-tree.ts";

/** Name of a plugin's folder → path inside it → bytes. */
export type BundledFiles = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

/** Reads the plugins of a repository's folder: every folder with a manifest. `sdk` has none: it is what they import. */
export async function readBundledFolder(folder: string): Promise<BundledFiles> {
  const plugins = new Map<string, ReadonlyMap<string, Uint8Array>>();
  for (const name of (await readdir(folder)).sort()) {
    const files = await readSource(await listSource(join(folder, name), { isRoot: false }));
    if (files.has(MANIFEST_FILE)) plugins.set(name, files);
  }
  return plugins;
}

/** The source of the module that stands in for bundled-files.ts in the binary: every file as text, or in base64. */
export function bundledModule(plugins: BundledFiles): string {
  const content = [...plugins].map(([name, files]) => [
    name,
    [...files].map(([path, bytes]) => {
      const text = Buffer.from(bytes).toString("utf8");
      const isText = Buffer.from(text).equals(bytes);
      return isText ? [path, "utf8", text] : [path, "base64", Buffer.from(bytes).toString("base64")];
    }),
  ]);
  return `const content = ${JSON.stringify(content)};
const bytesOf = ([path, encoding, text]) => [path, new Uint8Array(Buffer.from(text, encoding))];
export const loadBundledFiles = async () => new Map(content.map(([name, files]) => [name, new Map(files.map(bytesOf))]));
`;
}
