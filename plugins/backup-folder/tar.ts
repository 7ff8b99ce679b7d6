import type { PluginFiles } from "binnacle";

const BLOCK_BYTES = 512;
const MAX_FILES = 100_000;
const MAX_DEPTH = 64;
/** Of a classic header; longer names, and larger sizes, go into an extended one. */
const MAX_NAME_BYTES = 100;
const MAX_SIZE_BYTES = 0o77_777_777_777;
const FILE_MODE = 0o640;
const FOLDER_MODE = 0o750;
const KINDS = { file: "0", folder: "5", extended: "x" } as const;
const MS_PER_SECOND = 1_000;
/** Where the fields of a header begin (POSIX.1-2001, ustar interchange format). */
const AT = { name: 0, mode: 100, uid: 108, gid: 116, size: 124, mtime: 136, sum: 148, kind: 156, magic: 257 };

interface Entry {
  /** Within the folder; of a folder with a slash behind. */
  name: string;
  kind: "file" | "folder";
  sizeBytes: number;
}

/**
 * A folder as one tar archive (POSIX.1-2001, pax) that begins with `name`/: every file and folder beneath it, by name.
 * Modes are not known to a plugin: files are 0640, folders 0750.
 * @throws Error for a link or a device, a folder of too many files, and a file that becomes shorter meanwhile
 */
export async function* tarOf(files: PluginFiles, folder: string, name: string): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const entry of entriesOf(files, folder, "", 0)) {
    if (++count > MAX_FILES) throw new Error(`${folder} holds more than ${MAX_FILES} files.`);
    const path = `${folder}/${entry.name}`;
    const modifiedAt = (await files.stat(path))?.modifiedAt ?? 0;
    yield* headersOf({ ...entry, name: `${name}/${entry.name}` }, modifiedAt);
    if (entry.kind === "file") yield* contentOf(files, path, entry.sizeBytes);
  }
  yield new Uint8Array(2 * BLOCK_BYTES);
}

async function* entriesOf(
  files: PluginFiles,
  root: string,
  within: string,
  depth: number,
): AsyncGenerator<Entry> {
  if (depth > MAX_DEPTH) throw new Error(`${root}/${within} lies more than ${MAX_DEPTH} folders deep.`);
  for (const { name, kind, sizeBytes } of await files.list(`${root}/${within}`)) {
    const path = `${within}${name}`;
    if (kind === "other") throw new Error(`${root}/${path} is neither a file nor a folder.`);
    if (kind === "file") yield { name: path, kind, sizeBytes };
    else {
      yield { name: `${path}/`, kind, sizeBytes: 0 };
      yield* entriesOf(files, root, `${path}/`, depth + 1);
    }
  }
}

async function* contentOf(files: PluginFiles, path: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let given = 0;
  if (sizeBytes > 0) {
    for await (const chunk of await files.stream(path, { length: sizeBytes })) {
      given += chunk.length;
      yield chunk;
    }
  }
  if (given !== sizeBytes) throw new Error(`${path} was changed while it was read.`);
  yield padding(sizeBytes);
}

function* headersOf({ name, kind, sizeBytes }: Entry, modifiedAt: number): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(name);
  const isPlain = bytes.length === name.length && bytes.length <= MAX_NAME_BYTES;
  const extended = [
    ...(isPlain ? [] : [`path=${name}`]),
    ...(sizeBytes > MAX_SIZE_BYTES ? [`size=${sizeBytes}`] : []),
  ];
  if (extended.length > 0) {
    const records = new TextEncoder().encode(extended.map(paxRecord).join(""));
    yield header("pax", KINDS.extended, records.length, FILE_MODE, modifiedAt);
    yield records;
    yield padding(records.length);
  }
  const mode = kind === "file" ? FILE_MODE : FOLDER_MODE;
  const short = isPlain ? name : "see-pax";
  yield header(short, KINDS[kind], sizeBytes > MAX_SIZE_BYTES ? 0 : sizeBytes, mode, modifiedAt);
}

/** `17 path=…`: the length counts itself. */
function paxRecord(text: string): string {
  const sizeBytes = new TextEncoder().encode(text).length + 2;
  let whole = sizeBytes + String(sizeBytes).length;
  whole = sizeBytes + String(whole).length;
  return `${whole} ${text}\n`;
}

/** One header; numbers are octal. */
function header(name: string, kind: string, sizeBytes: number, mode: number, modifiedAt: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  const put = (text: string, at: number): void => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  const seconds = Math.trunc(modifiedAt / MS_PER_SECOND);
  put(name, AT.name);
  put(octal(mode, 7), AT.mode);
  put(octal(0, 7), AT.uid);
  put(octal(0, 7), AT.gid);
  put(octal(sizeBytes, 11), AT.size);
  put(octal(Math.min(MAX_SIZE_BYTES, Math.max(0, seconds)), 11), AT.mtime);
  // The checksum is made as if its own field held spaces.
  put(" ".repeat(8), AT.sum);
  put(kind, AT.kind);
  put("ustar\u000000", AT.magic);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\u0000 `, AT.sum);
  return block;
}

const padding = (sizeBytes: number): Uint8Array =>
  new Uint8Array((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
