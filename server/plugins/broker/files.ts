import { fstatSync, type Stats } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { Type } from "@sinclair/typebox";
import { AppError, errorCodeOf } from "../../errors/app-error.ts";
import type { PluginDecisions } from "./decisions.ts";
import { appendStream, type FreeSpace, replaceFile, requireRoom, streamOf } from "./files/file-streams.ts";
import { fileError, GrantedFiles, requirePlainFile } from "./files/granted-files.ts";
import { FileCallError, OPEN, openBeneath, removeWithin } from "./files/open-beneath.ts";
import type { ResolvedGrants } from "./grants.ts";
import { letGo, openStream } from "./open-stream.ts";
import { OpenCount } from "./rate.ts";
import { method, type ServedMethod } from "./served-method.ts";

const MAX_OPEN_FILES = 32;
const MAX_ENTRIES = 10_000;
const NEW_FILE_MODE = 0o640;

const closed = { additionalProperties: false };
const Path = Type.String({ minLength: 1, maxLength: 4_096 });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const AtPath = Type.Object({ path: Path }, closed);
const Read = Type.Object({ path: Path, offset: Type.Optional(Count), length: Type.Optional(Count) }, closed);
const Write = Type.Object(
  { path: Path, stream: Type.Integer({ minimum: 0 }), append: Type.Optional(Type.Boolean()) },
  closed,
);

type FileMethod = "files.read" | "files.write" | "files.list" | "files.stat" | "files.remove";

/** `ctx.files` of one plugin, until `ended`. On Linux only: nowhere else does the kernel keep a path beneath a folder. */
export function fileMethods(
  grants: ResolvedGrants,
  forbidden: readonly string[],
  decisions: PluginDecisions,
  ended: AbortSignal,
  freeSpace: FreeSpace,
): Record<FileMethod, ServedMethod> {
  const files = new GrantedFiles(grants, forbidden, decisions);
  const open = new OpenCount(MAX_OPEN_FILES);
  const methods: Record<FileMethod, ServedMethod> = {
    "files.read": method(
      Read,
      async ({ path, offset = 0, length = Number.MAX_SAFE_INTEGER }, { streams }) => {
        const release = open.take("open files");
        try {
          const file = files.open("read", path, OPEN.read);
          const { size: sizeBytes } = requirePlainFile(file, path);
          const left = Math.max(0, Math.min(length, sizeBytes - offset));
          const stream = streamOf(file, offset, left, ended, release);
          return { stream: openStream(streams, stream), sizeBytes };
        } catch (error) {
          release();
          throw error;
        }
      },
    ),
    "files.write": method(Write, async ({ path, stream, append = false }, { streams }) => {
      const release = open.take("open files");
      try {
        return { sizeBytes: await write(files, path, append, freeSpace, () => streams.accept(stream)) };
      } finally {
        release();
      }
    }),
    "files.list": method(AtPath, ({ path }) => list(files, path)),
    "files.stat": method(AtPath, ({ path }) => {
      try {
        using found = files.open("read", path, OPEN.look);
        return viewOf(fstatSync(found.fd));
      } catch (error) {
        if (error instanceof AppError && error.code === "not_found") return null;
        throw error;
      }
    }),
    "files.remove": method(AtPath, ({ path }) => remove(files, path)),
  };
  return process.platform === "linux" ? methods : refusing(methods);
}

async function write(
  files: GrantedFiles,
  path: string,
  append: boolean,
  freeSpace: FreeSpace,
  accept: () => ReadableStream<Uint8Array>,
): Promise<number> {
  if (append) {
    using file = files.open("write", path, OPEN.append, NEW_FILE_MODE, (folder) =>
      requireRoom(folder, freeSpace),
    );
    const { size } = requirePlainFile(file, path);
    return await reading(accept(), (source) => appendStream(file, size, source, freeSpace));
  }
  const { folder, name } = files.openParent(path);
  using _folder = folder;
  return await mapped(path, () =>
    reading(accept(), (source) => replaceFile(folder, name, source, freeSpace)),
  );
}

async function reading<T>(
  source: ReadableStream<Uint8Array>,
  work: (source: ReadableStream<Uint8Array>) => Promise<T>,
): Promise<T> {
  try {
    return await work(source);
  } finally {
    await letGo(source);
  }
}

async function list(files: GrantedFiles, path: string) {
  using folder = files.open("read", path, OPEN.list);
  // By its number, not its name: what is renamed meanwhile does not lead elsewhere.
  const place = `/proc/self/fd/${folder.fd}`;
  const entries: { name: string; kind: "file" | "folder" | "other"; sizeBytes: number }[] = [];
  for await (const { name } of await opendir(place)) {
    if (entries.length >= MAX_ENTRIES) {
      throw new AppError("invalid_request", `${path} holds more than ${MAX_ENTRIES} names.`);
    }
    const facts = await lstat(`${place}/${name}`).catch((error: unknown) => {
      if (errorCodeOf(error) === "ENOENT") return undefined;
      throw error;
    });
    if (facts) entries.push({ name, kind: kindOf(facts), sizeBytes: facts.size });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function remove(files: GrantedFiles, path: string): Promise<boolean> {
  try {
    const { folder, name } = files.openParent(path);
    using _folder = folder;
    return await mapped(path, async () => {
      using found = openBeneath(folder, name, OPEN.look);
      removeWithin(folder, name, fstatSync(found.fd).isDirectory());
      return true;
    });
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return false;
    throw error;
  }
}

async function mapped<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FileCallError ? fileError(error, path) : error;
  }
}

const viewOf = (facts: Stats) => ({
  kind: kindOf(facts),
  sizeBytes: facts.size,
  modifiedAt: Math.trunc(facts.mtimeMs),
});

const kindOf = (facts: Stats): "file" | "folder" | "other" =>
  facts.isFile() ? "file" : facts.isDirectory() ? "folder" : "other";

const refusing = (methods: Record<FileMethod, ServedMethod>): Record<FileMethod, ServedMethod> => {
  const refuse: ServedMethod = async () => {
    throw new AppError(
      "feature_off",
      "Plugins reach files on Linux only: no other kernel can keep a path within a folder.",
    );
  };
  for (const name of ["files.read", "files.write", "files.list", "files.stat", "files.remove"] as const) {
    methods[name] = refuse;
  }
  return methods;
};
