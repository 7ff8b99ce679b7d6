import { isBuiltin } from "node:module";
import { importError, PluginLoadError } from "./load-error.ts";
import { resolveFile } from "./resolve-file.ts";

/** The namespace under which a plugin's own files are imported, and by which they stand in stack traces. */
export const PLUGIN_NAMESPACE = "plugin";
/** What an author imports of Binnacle. */
export const SDK_MODULE = "binnacle";

type ScriptLoader = "js" | "jsx" | "ts" | "tsx";

/** A file as it is to be loaded: a script whose imports of its own files are rewritten, or a value. */
export type PluginModule = { contents: string; loader: ScriptLoader } | { value: () => unknown };

const LOADER_OF_EXTENSION: Readonly<Record<string, ScriptLoader>> = {
  ".js": "js",
  ".mjs": "js",
  ".jsx": "jsx",
  ".ts": "ts",
  ".mts": "ts",
  ".tsx": "tsx",
};
const TEXT_EXTENSIONS = new Set([".txt", ".md", ".html", ".css", ".sql", ".csv", ".svg", ".xml"]);
const ANY_MODULE = "*";

/** A specifier in a place where an import may stand: behind `from`, `import`, `import(` or `require(`. */
const CANDIDATE = /(\bfrom\s*|\bimport\s*\(\s*|\bimport\s*|\brequire\s*\(\s*)(["'`])([^"'`\n\\]+)\2/g;
const MARKER = "binnacle-candidate:";

/**
 * The modules that `main` reaches, looked through before anything of them runs. Imports of the plugin's own files are
 * rewritten to their place in the plugin, in the same line, so that stack traces stay true.
 * @throws PluginLoadError for a syntax error, a missing file, an import that is not allowed; it names file and module
 */
export function buildModuleGraph(
  files: ReadonlyMap<string, Uint8Array>,
  main: string,
  allowedImports: readonly string[],
): ReadonlyMap<string, PluginModule> {
  const modules = new Map<string, PluginModule>();
  const left = [main];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (modules.has(path)) continue;
    const bytes = files.get(path);
    if (bytes === undefined) throw new PluginLoadError(`The plugin has no file ${path}.`);
    const loader = LOADER_OF_EXTENSION[extensionOf(path)];
    if (loader === undefined) {
      modules.set(path, { value: () => readValue(path, bytes) });
      continue;
    }
    const script = new Script(path, new TextDecoder().decode(bytes), loader);
    const contents = script.rewritten((specifier, kind) =>
      targetOf({ files, allowedImports, importer: path, specifier, kind }),
    );
    modules.set(path, { contents, loader });
    left.push(...script.imported);
  }
  return modules;
}

interface ImportSite {
  files: ReadonlyMap<string, Uint8Array>;
  allowedImports: readonly string[];
  importer: string;
  specifier: string;
  kind: string;
}

/** The plugin's own file that is imported; undefined for a module of the host that is allowed. */
function targetOf({ files, allowedImports, importer, specifier, kind }: ImportSite): string | undefined {
  if (specifier === SDK_MODULE) return undefined;
  if (specifier.startsWith(".")) {
    if (kind === "require-call") throw importError(importer, specifier, "use import: require reads no file");
    return resolveFile(files, importer, specifier);
  }
  if (isBuiltin(specifier) || specifier.startsWith("bun:")) {
    if (isAllowed(specifier, allowedImports)) return undefined;
    throw importError(importer, specifier, "this server does not allow it (plugins.allowedImports)");
  }
  const advice = `it is no file of the plugin; packages are bundled into it first (bun build --target=bun --external=${SDK_MODULE})`;
  throw importError(importer, specifier, advice);
}

function isAllowed(specifier: string, allowedImports: readonly string[]): boolean {
  const bare = specifier.replace(/^node:/, "");
  return allowedImports.some((allowed) => allowed === ANY_MODULE || allowed.replace(/^node:/, "") === bare);
}

/** One script of the plugin and where it imports. */
class Script {
  /** Files of the plugin that it imports; known once it is rewritten. */
  readonly imported: string[] = [];
  readonly #path: string;
  readonly #source: string;
  readonly #transpiler: Bun.Transpiler;

  constructor(path: string, source: string, loader: ScriptLoader) {
    this.#path = path;
    this.#source = source;
    this.#transpiler = new Bun.Transpiler({ loader, trimUnusedImports: true });
  }

  /**
   * The source with other specifiers. What looks like an import may be part of a text or a comment: each such place gets a
   * mark, and the parser says which of them it found to be imports.
   */
  rewritten(target: (specifier: string, kind: string) => string | undefined): string {
    const places: { specifier: string; target: string | undefined }[] = [];
    const marked = this.#source.replace(CANDIDATE, (_, before, quote, specifier) => {
      places.push({ specifier, target: undefined });
      return `${before}${quote}${MARKER}${places.length - 1}${quote}`;
    });
    for (const { path, kind } of this.#scan(marked)) {
      const place = path.startsWith(MARKER) ? places[Number(path.slice(MARKER.length))] : undefined;
      const file = target(place?.specifier ?? path, kind);
      if (file === undefined) continue;
      if (place === undefined)
        throw importError(this.#path, path, "write it as a plain text right behind the word");
      place.target = `${PLUGIN_NAMESPACE}:${file}`;
      this.imported.push(file);
    }
    let index = 0;
    return this.#source.replace(CANDIDATE, (_, before, quote, specifier) => {
      return `${before}${quote}${places[index++]?.target ?? specifier}${quote}`;
    });
  }

  #scan(source: string): Bun.Import[] {
    try {
      return this.#transpiler.scanImports(source);
    } catch (error) {
      throw PluginLoadError.ofSyntax(this.#path, error);
    }
  }
}

/** The default export of a file that is no script. @throws PluginLoadError */
function readValue(path: string, bytes: Uint8Array): unknown {
  const extension = extensionOf(path);
  try {
    if (extension === ".json") return JSON.parse(new TextDecoder().decode(bytes));
    if (extension === ".wasm") return new WebAssembly.Module(new Uint8Array(bytes));
    return TEXT_EXTENSIONS.has(extension) ? new TextDecoder().decode(bytes) : bytes;
  } catch (cause) {
    throw new PluginLoadError(`${path}: ${cause instanceof Error ? cause.message : "cannot be read"}`, cause);
  }
}

const extensionOf = (path: string): string => /\.[^./]+$/.exec(path)?.[0] ?? "";
