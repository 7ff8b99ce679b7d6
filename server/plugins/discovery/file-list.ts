import type { FileHash } from "../trust/plugin-package.ts";

const LINE = /^([0-9a-f]{64}) (0|[1-9]\d{0,9}) ([^\n]+)$/;

/** SHA-256 of bytes, lower-case hex. */
export const sha256Of = (bytes: Uint8Array): string => Bun.CryptoHasher.hash("sha256", bytes, "hex");

/** Path → hash and size of every file, in the order of the paths. */
export function hashesOf(files: ReadonlyMap<string, Uint8Array>): Map<string, FileHash> {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([path, bytes]) => [path, { sha256: sha256Of(bytes), sizeBytes: bytes.length }]));
}

/**
 * What a plugin consists of as text: a line a file, `<sha256> <bytes> <path>`, sorted by path in UTF-16 order. Its
 * SHA-256 is the plugin's digest, so that the list can be stored by its content like any file.
 */
export function fileListText(hashes: ReadonlyMap<string, FileHash>): string {
  const paths = [...hashes.keys()].sort();
  return paths.map((path) => `${hashes.get(path)?.sha256} ${hashes.get(path)?.sizeBytes} ${path}\n`).join("");
}

/** The digest of a plugin. */
export const digestOf = (hashes: ReadonlyMap<string, FileHash>): string =>
  sha256Of(Buffer.from(fileListText(hashes)));

/** Reads {@link fileListText} back; undefined when it is none. */
export function parseFileList(text: string): Map<string, FileHash> | undefined {
  const hashes = new Map<string, FileHash>();
  for (const line of text.split("\n").slice(0, -1)) {
    const [, sha256, size, path] = LINE.exec(line) ?? [];
    if (!sha256 || !path || hashes.has(path)) return undefined;
    hashes.set(path, { sha256, sizeBytes: Number(size) });
  }
  return fileListText(hashes) === text && hashes.size > 0 ? hashes : undefined;
}
