import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EXPLORER_START, VIEWER_PATHS } from "./viewer-files.ts";

const PACKAGES = join(import.meta.dirname, "../../node_modules");
const REFERENCE_FILE = join(PACKAGES, "@scalar/api-reference/dist/browser/standalone.js");
const EXPLORER_PACKAGE = join(PACKAGES, "@graphql-yoga/render-graphiql");
const UNPACKED = join(import.meta.dirname, "../../dist/viewers");

/** GraphiQL's package holds its files as texts in one module. */
interface ExplorerTexts {
  js: string;
  css: string;
  editorWorkerService: string;
  jsonWorker: string;
  graphqlWorker: string;
}

/**
 * URL path → file of the API viewers. GraphiQL is unpacked into dist/viewers the first time a version is met.
 * Only for running from source and for the build: the binary embeds the files.
 */
export async function viewerFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  if (existsSync(REFERENCE_FILE)) files.set(VIEWER_PATHS.reference, REFERENCE_FILE);
  if (!existsSync(EXPLORER_PACKAGE)) return files;
  const { version } = await Bun.file(join(EXPLORER_PACKAGE, "package.json")).json();
  const folder = join(UNPACKED, `graphiql-${version}`);
  if (!existsSync(folder)) await unpack(folder);
  for (const path of explorerPaths()) files.set(path, join(folder, nameOf(path)));
  // Ours, not the package's: it changes without a new version of it.
  await Bun.write(join(folder, nameOf(VIEWER_PATHS.explorerStart)), EXPLORER_START);
  return files;
}

async function unpack(folder: string): Promise<void> {
  const texts: ExplorerTexts = await import(join(EXPLORER_PACKAGE, "esm/graphiql.js"));
  const contents: readonly [path: string, text: string][] = [
    [VIEWER_PATHS.explorer, texts.js],
    [VIEWER_PATHS.explorerStyle, texts.css],
    [VIEWER_PATHS.editorWorker, texts.editorWorkerService],
    [VIEWER_PATHS.jsonWorker, texts.jsonWorker],
    [VIEWER_PATHS.graphqlWorker, texts.graphqlWorker],
  ];
  await mkdir(folder, { recursive: true });
  for (const [path, text] of contents) await Bun.write(join(folder, nameOf(path)), text);
}

const explorerPaths = (): string[] =>
  Object.values(VIEWER_PATHS).filter((path) => path !== VIEWER_PATHS.reference);

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
