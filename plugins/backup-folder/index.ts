import { type BackupInput, defineBackup, type PluginContext } from "binnacle";
import { Copies, type Copy, checksumPath, hashing, sha256Of } from "./copies.ts";
import { tarOf } from "./tar.ts";

interface Config {
  sourceFolder: string;
  targetFolder: string;
  keep: number;
}

type Context = PluginContext<Config>;

const MAX_NAME_LENGTH = 200;
/** One part of a path, without control characters, that is not hidden and leads nowhere else. */
const NAME = /^[^./\p{Cc}][^/\p{Cc}]*$/u;

/**
 * A destination of backups: `backup` copies one, a folder as one archive. `execute({ show: "copies" })` answers what there is;
 * `execute({ verify: true })` reads every copy and compares it with what was copied.
 */
export default defineBackup<Config>({
  async backup(input, ctx) {
    const { sourcePath, backupName } = readInput(input);
    const { targetFolder, keep } = await ctx.config.get();
    if (targetFolder === "") throw new Error("The folder of the copies is not configured.");
    const isFolder = (await kindOf(sourcePath, ctx)) === "folder";
    const name = isFolder ? `${backupName}.tar` : backupName;
    const location = `${targetFolder}/${name}`;
    const source = isFolder ? archiveOf(sourcePath, backupName, ctx) : await ctx.files.stream(sourcePath);
    const { sizeBytes, sha256 } = await copy(source, location, ctx);
    await ctx.files.write(checksumPath(targetFolder, name), `${sha256}  ${name}\n`);
    const made = { name, sizeBytes, sha256, at: new Date().toISOString() };
    const removed = await new Copies(ctx).add(made, targetFolder, keep);
    ctx.metrics.gauge("size_bytes", sizeBytes, { unit: "bytes" });
    ctx.logger.info("copied", { location, sizeBytes, removed });
    return { location, sizeBytes };
  },

  async execute(input, ctx) {
    const copies = await new Copies(ctx).list();
    const isVerifying = typeof input === "object" && input !== null && "verify" in input && input.verify;
    return isVerifying ? verify(copies, ctx) : copies;
  },

  async health(ctx) {
    const [newest] = await new Copies(ctx).list();
    if (!newest) return { status: "healthy", message: "no backup was copied yet" };
    const found = await ctx.files.stat(`${await ctx.config.get("targetFolder")}/${newest.name}`);
    return found?.sizeBytes === newest.sizeBytes
      ? { status: "healthy", message: `the newest copy is ${newest.name}` }
      : { status: "degraded", message: `${newest.name} is not as it was copied` };
  },
});

function readInput(input: BackupInput | undefined): BackupInput {
  const { sourcePath, backupName } = input ?? {};
  if (typeof sourcePath !== "string" || !sourcePath.startsWith("/"))
    throw new Error('"sourcePath" is the absolute path of a finished backup.');
  if (typeof backupName !== "string" || !NAME.test(backupName) || backupName.length > MAX_NAME_LENGTH)
    throw new Error(
      `"backupName" is a file's name of at most ${MAX_NAME_LENGTH} characters, without a slash.`,
    );
  return { sourcePath, backupName };
}

async function kindOf(path: string, ctx: Context): Promise<"file" | "folder"> {
  const found = await ctx.files.stat(path);
  if (!found) throw new Error(`There is no ${path}.`);
  if (found.kind === "other") throw new Error(`${path} is neither a file nor a folder.`);
  return found.kind;
}

/** Made as it is written: the folder may be larger than the plugin's memory. */
function archiveOf(folder: string, name: string, ctx: Context): ReadableStream<Uint8Array> {
  const parts = tarOf(ctx.files, folder, name);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

/** Copies and reads the copy back: what a disk has taken wrongly is removed again. */
async function copy(
  from: ReadableStream<Uint8Array>,
  to: string,
  ctx: Context,
): Promise<{ sizeBytes: number; sha256: string }> {
  const source = hashing(from);
  const sizeBytes = await ctx.files.write(to, source.stream);
  ctx.signal.throwIfAborted();
  const sha256 = source.sha256();
  if ((await sha256Of(ctx.files, to)) === sha256) return { sizeBytes, sha256 };
  await ctx.files.remove(to);
  throw new Error(`The copy ${to} did not hold what was written; it was removed.`);
}

/** Each copy, and whether it still holds what was copied. */
async function verify(copies: readonly Copy[], ctx: Context): Promise<(Copy & { isSound: boolean })[]> {
  const folder = await ctx.config.get("targetFolder");
  const verified: (Copy & { isSound: boolean })[] = [];
  for (const one of copies) {
    ctx.signal.throwIfAborted();
    const path = `${folder}/${one.name}`;
    const isSound =
      (await ctx.files.stat(path)) !== undefined && (await sha256Of(ctx.files, path)) === one.sha256;
    if (!isSound) ctx.logger.error(`${path} is not as it was copied`);
    verified.push({ ...one, isSound });
  }
  return verified;
}
