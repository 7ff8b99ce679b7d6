import type { PluginFiles, PluginState } from "binnacle";

/** One backup in the other folder. */
export interface Copy {
  name: string;
  sizeBytes: number;
  /** Hex, as it was read at its source. */
  sha256: string;
  /** ISO 8601. */
  at: string;
}

const COPIES = "copies";

/** The copies that this plugin has made, the newest first: nothing else in the folder is ever removed. */
export class Copies {
  readonly #state: PluginState;
  readonly #files: PluginFiles;

  constructor({ state, files }: { state: PluginState; files: PluginFiles }) {
    this.#state = state;
    this.#files = files;
  }

  async list(): Promise<Copy[]> {
    return (await this.#state.get<Copy[]>(COPIES)) ?? [];
  }

  /** Remembers a copy, and removes those beyond the newest `keep` from `folder`; answers their names. */
  async add(copy: Copy, folder: string, keep: number): Promise<string[]> {
    const all = [copy, ...(await this.list()).filter(({ name }) => name !== copy.name)];
    const old = all.slice(keep);
    // First on record: a copy that is removed and still known would look lost.
    await this.#state.set(COPIES, all.slice(0, keep));
    for (const { name } of old) {
      await this.#files.remove(`${folder}/${name}`);
      await this.#files.remove(checksumPath(folder, name));
    }
    return old.map(({ name }) => name);
  }
}

/** Where the checksum of a copy stands, in the form that `sha256sum --check` reads. */
export const checksumPath = (folder: string, name: string): string => `${folder}/${name}.sha256`;

/** SHA-256 in hex of everything that comes by; the bytes go on unchanged. */
export function hashing(source: ReadableStream<Uint8Array>): {
  stream: ReadableStream<Uint8Array>;
  sha256: () => string;
} {
  const hasher = new Bun.CryptoHasher("sha256");
  const stream = source.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        hasher.update(chunk);
        controller.enqueue(chunk);
      },
    }),
  );
  return { stream, sha256: () => hasher.digest("hex") };
}

/** SHA-256 in hex of a file. */
export async function sha256Of(files: PluginFiles, path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of await files.stream(path)) hasher.update(chunk);
  return hasher.digest("hex");
}
