import { existsSync } from "node:fs";
import { join } from "node:path";
import { viewerFiles } from "./viewer-sources.ts";

/** How a browser may ask for a body; `identity` is always there. */
export type AssetEncoding = "identity" | "br" | "zstd" | "gzip";

/** One file of the web bundle. */
export interface Asset {
  /** Media type with charset. */
  type: string;
  /** Strong ETag of the identity form, quoted. */
  etag: string;
  /** Encoding → path to open with `Bun.file`; compressed forms are there where they are smaller. */
  variants: Readonly<Partial<Record<AssetEncoding, string>> & { identity: string }>;
}

const SOURCE_FOLDER = join(import.meta.dirname, "../../dist/web");
const HASH_LENGTH = 22;

/**
 * URL path (`/index.html`, `/assets/index-a1b2c3.js`) → file. From source this lists what `bun run build` left in
 * dist/web, if anything, and the API viewers out of their packages; in the binary build.ts puts the embedded files, with their compressed forms, in this module's place.
 */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  for (const [path, file] of await viewerFiles()) assets.set(path, await describeAsset(file));
  if (!existsSync(SOURCE_FOLDER)) return assets;
  for await (const path of new Bun.Glob("**/*").scan({ cwd: SOURCE_FOLDER })) {
    assets.set(`/${path}`, await describeAsset(join(SOURCE_FOLDER, path)));
  }
  return assets;
}

/** Media type and ETag of a file on disk; its only variant is the file itself. */
async function describeAsset(file: string): Promise<Asset> {
  const hash = new Bun.CryptoHasher("sha256").update(await Bun.file(file).bytes()).digest("base64url");
  return { type: Bun.file(file).type, etag: `"${hash.slice(0, HASH_LENGTH)}"`, variants: { identity: file } };
}
