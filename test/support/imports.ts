import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** One import of a source file. */
export interface Import {
  /** The importing file, relative to the root, with forward slashes. */
  from: string;
  /** A file relative to the root, or a package as it is written. */
  to: string;
  isPackage: boolean;
  /** It leaves nothing at run time. */
  isTypeOnly: boolean;
  /** The names between the braces, without `type`. */
  names: string[];
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:([^;"'`]*?)\s+from\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;

/** Every import of `file`, read from its text: static, re-exported and dynamic. */
export function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const found: Import[] = [];
  for (const [, typeWord, clause, specifier] of text.matchAll(STATIC)) {
    const names = namesIn(clause ?? "");
    const isTypeOnly =
      typeWord !== undefined || (names.length > 0 && names.every((name) => name.startsWith("type ")));
    found.push({
      ...target(file, specifier ?? ""),
      isTypeOnly,
      names: names.map((name) => name.replace(/^type /, "")),
    });
  }
  for (const [, specifier] of text.matchAll(DYNAMIC)) {
    found.push({ ...target(file, specifier ?? ""), isTypeOnly: false, names: [] });
  }
  return found;
}

/** The files of a folder by glob, relative to the root, in order. */
export function filesUnder(root: string, glob: string): string[] {
  return [...new Bun.Glob(glob).scanSync({ cwd: root })].map((path) => path.replaceAll("\\", "/")).sort();
}

/** A ring of files, each of which imports the next; undefined when there is none. */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    const start = path.indexOf(file);
    if (start >= 0) return [...path.slice(start), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

function namesIn(clause: string): string[] {
  const braces = /\{([^}]*)\}/.exec(clause)?.[1];
  const outside = clause.replace(/\{[^}]*\}/, "").split(",");
  return [...outside, ...(braces ?? "").split(",")].map((name) => name.trim()).filter((name) => name !== "");
}

function target(file: string, specifier: string): Pick<Import, "from" | "to" | "isPackage"> {
  const isPackage = !specifier.startsWith(".");
  const to = isPackage ? specifier : normalize(join(dirname(file), specifier)).replaceAll("\\", "/");
  return { from: file, to: to.replace(/\?.*$/, ""), isPackage };
}
