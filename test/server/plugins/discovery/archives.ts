import { deflateRawSync, gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** An entry of an archive, as its maker claims it to be. */
export interface Claimed {
  name: string;
  content?: string | Uint8Array;
  type?: Header["type"];
  linkname?: string;
}

/** A tar with exactly these entries, honest or not. */
export async function tarOf(entries: readonly Claimed[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { name, content = "", type = "file", linkname } of entries) {
    tar.entry({ name, type, ...(linkname === undefined ? {} : { linkname }) }, content);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

export const tarGzOf = async (entries: readonly Claimed[]): Promise<Uint8Array> =>
  gzipSync(await tarOf(entries));

const UNIX = 3 << 8;
const DEFLATE = 8;
const MODES = { file: 0o100644, symlink: 0o120777, fifo: 0o010644, directory: 0o040755 } as const;

/** A zip with exactly these entries (APPNOTE 6.3.10 §4.3). @param claimedBytes what each says of its size, when it lies */
export function zipOf(entries: readonly Claimed[], claimedBytes?: number): Uint8Array {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content = "", type = "file" } of entries) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const path = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x0800, 2);
    shared.writeUInt16LE(DEFLATE, 4);
    shared.writeUInt32LE(Bun.hash.crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(claimedBytes ?? bytes.length, 18);
    shared.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, path, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((MODES[type as keyof typeof MODES] << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const madeBy = Buffer.alloc(2);
    madeBy.writeUInt16LE(UNIX | 20);
    centrals.push(Buffer.concat([Buffer.from("PK\x01\x02"), madeBy, shared, rest, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from("PK\x05\x06"), end]);
}
