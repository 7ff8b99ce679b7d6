import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { errorCodeOf } from "../../errors/app-error.ts";
import { isSingleFile } from "../manifest/read-manifest.ts";
import { isPlainName, type SourcePolicy } from "./source-tree.ts";

const MAX_PLUGINS = 500;
const WORLD_WRITABLE = 0o002;
/** Beside plugins for the sake of editors and package managers. */
const NO_PLUGINS: ReadonlySet<string> = new Set(["node_modules"]);

/** Something that may be a plugin. */
export interface Candidate {
  path: string;
  isSingleFile: boolean;
  /** Why it is none that can be looked at. */
  refusal?: string;
}

interface Places {
  folder: string;
  paths: readonly string[];
  policy: SourcePolicy;
}

/** What may be a plugin, by name; those named in the settings after those of the folder. */
export async function listCandidates({ folder, paths, policy }: Places): Promise<{
  candidates: Candidate[];
  problems: string[];
  folders: string[];
}> {
  const listing = await listFolder(folder, policy);
  const named = await Promise.all(paths.map(candidateAt));
  const inFolder = new Set(listing.candidates.map(({ path }) => path));
  const all = [...listing.candidates, ...named.filter(({ path }) => !inFolder.has(path))];
  const tooMany = `There are ${all.length} plugins; the first ${MAX_PLUGINS} by name are taken.`;
  return {
    candidates: all.slice(0, MAX_PLUGINS),
    problems: [...listing.problems, ...(all.length > MAX_PLUGINS ? [tooMany] : [])],
    folders: listing.folders,
  };
}

async function listFolder(folder: string, { isRoot }: SourcePolicy) {
  const empty = { candidates: [] as Candidate[], folders: [] as string[] };
  try {
    const root = await realpath(folder);
    const status = await stat(root);
    if (!status.isDirectory())
      return { ...empty, problems: [`The plugins folder ${folder} is not a folder.`] };
    if (isRoot && (status.mode & WORLD_WRITABLE) !== 0) {
      const message = `The plugins folder ${folder} can be written by every user of this machine, and this server runs as root: nothing in it is loaded. Take that right away (chmod o-w).`;
      return { ...empty, folders: [root], problems: [message] };
    }
    const entries = await readdir(root, { withFileTypes: true });
    const candidates = entries
      .filter(({ name }) => !name.startsWith(".") && !NO_PLUGINS.has(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => candidateOf(root, entry));
    return { candidates, problems: [], folders: [root] };
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "") throw error;
    const problems = code === "ENOENT" ? [] : [`The plugins folder ${folder} cannot be read (${code}).`];
    return { ...empty, problems };
  }
}

function candidateOf(root: string, entry: Dirent): Candidate[] {
  const path = join(root, entry.name);
  const refused = (refusal: string): Candidate[] => [{ path, isSingleFile: false, refusal }];
  if (!isPlainName(entry.name)) return refused("its name is not plain UTF-8");
  // Where it leads can change without a notice, and outside of what is checked here.
  if (entry.isSymbolicLink()) return refused("is a link; name the place that it leads to in plugins.items");
  if (entry.isDirectory()) return [{ path, isSingleFile: false }];
  return isSingleFile(entry.name) ? [{ path, isSingleFile: true }] : [];
}

async function candidateAt(path: string): Promise<Candidate> {
  if (!isAbsolute(path)) return { path, isSingleFile: false, refusal: "is not an absolute path" };
  try {
    const real = await realpath(path);
    return { path: real, isSingleFile: (await stat(real)).isFile() };
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "") throw error;
    const refusal = code === "ENOENT" ? "is not there" : `cannot be read (${code})`;
    return { path, isSingleFile: false, refusal };
  }
}
