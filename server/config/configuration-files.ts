import { readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorCodeOf } from "../errors/app-error.ts";
import { fileLayer } from "./config-file.ts";
import { findStatus } from "./file-status.ts";
import { type ConfigurationIssue, InvalidConfiguration } from "./invalid-configuration.ts";
import type { Layer, LayerKind } from "./layers.ts";
import { isOpenForWriting } from "./open-for-writing.ts";

/** Which files there are to read. */
export interface FileOptions {
  /** The data folder. */
  folder: string;
  /** In place of the global file of the data folder; it must exist then. The other files stand beside it. */
  configFile?: string | undefined;
  /** `BINNACLE_ENV`: chooses the environment file. */
  environmentName?: string | undefined;
}

/** One file that may or may not exist. */
interface Candidate {
  path: string;
  kind: LayerKind;
  required: boolean;
}

const GLOBAL_NAMES = ["binnacle.yaml", "binnacle.json"];
const SERVICE_FOLDER = "conf.d";
const ENVIRONMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const SERVICE_FILE = /^[^.].*\.(ya?ml|json)$/;
const MAX_SERVICE_FILES = 100;
const FILE_KINDS = ["file", "environmentFile", "serviceFile"] as const satisfies readonly LayerKind[];

/** The configuration files of this machine: global file, environment file, `conf.d`. */
export class ConfigurationFiles {
  /** The kinds of the layers that {@link read} gives. */
  static readonly kinds = FILE_KINDS;
  readonly #folder: string;
  readonly #configFile: string | undefined;
  readonly #environmentName: string | undefined;

  /** @throws InvalidConfiguration when BINNACLE_ENV cannot be part of a file name. */
  constructor({ folder, configFile, environmentName }: FileOptions) {
    if (environmentName && !ENVIRONMENT_NAME.test(environmentName)) {
      const message = `BINNACLE_ENV is a name of letters, digits, _ and -, not ${JSON.stringify(environmentName)}`;
      throw new InvalidConfiguration([{ path: "", message, origin: "environment" }]);
    }
    this.#configFile = configFile === undefined ? undefined : resolve(configFile);
    this.#folder = this.#configFile === undefined ? resolve(folder) : dirname(this.#configFile);
    this.#environmentName = environmentName || undefined;
  }

  /**
   * Every file there is as a layer, weakest first.
   * @throws InvalidConfiguration with what is wrong in each file that cannot be read or parsed.
   */
  read(): Layer[] {
    const layers: Layer[] = [];
    const problems: ConfigurationIssue[] = [];
    for (const { path, kind, required } of this.#candidates()) {
      try {
        const layer = fileLayer(path, kind, required);
        if (layer) layers.push(layer);
      } catch (error) {
        if (!(error instanceof InvalidConfiguration)) throw error;
        problems.push(...error.problems);
      }
    }
    const globals = layers.filter(({ kind }) => kind === "file").map(({ origin }) => origin);
    if (globals.length > 1) {
      problems.push({
        path: "",
        message: `${globals.join(" and ")} both exist; keep one`,
        origin: globals[1] ?? "",
      });
    }
    if (problems.length > 0) throw new InvalidConfiguration(problems);
    return layers;
  }

  /** Changes whenever any of the files may have: identity, size and times of each, symlinks followed. */
  fingerprint(): string {
    return this.#candidates()
      .map(({ path }) => `${path} ${identityOf(path)}`)
      .join("\n");
  }

  /** The files that some process holds open to write: what they hold is not all of it yet. */
  beingWritten(): string[] {
    return this.#candidates()
      .map(({ path }) => path)
      .filter(isOpenForWriting);
  }

  /** The files that exist. */
  present(): string[] {
    return this.#candidates()
      .map(({ path }) => path)
      .filter((path) => findStatus(path) !== undefined);
  }

  /** The folders in which a change can matter, those that symlinks lead to included. */
  folders(): string[] {
    const places = [
      this.#folder,
      join(this.#folder, SERVICE_FOLDER),
      ...this.present().map((path) => dirname(realpathSync(path))),
    ];
    return [...new Set(places.filter((path) => findStatus(path)?.isDirectory()))];
  }

  /** Whether a file of that name, in one of the folders, can be one of ours, or a link on the way to one. */
  isRelevant(name: string | null): boolean {
    return (
      name === null ||
      name === SERVICE_FOLDER ||
      name.startsWith("..") ||
      /\.(ya?ml|json)$/.test(name) ||
      name === this.#configFileName
    );
  }

  get #configFileName(): string | undefined {
    return this.#configFile?.slice(this.#folder.length + 1);
  }

  #candidates(): Candidate[] {
    const globals = this.#configFile
      ? [this.#configFile]
      : GLOBAL_NAMES.map((name) => join(this.#folder, name));
    const name = this.#environmentName;
    return [
      ...globals.map((path) => ({ path, kind: "file" as const, required: this.#configFile !== undefined })),
      ...(name
        ? [
            {
              path: join(this.#folder, `binnacle.${name}.yaml`),
              kind: "environmentFile" as const,
              required: false,
            },
          ]
        : []),
      ...this.#serviceFiles().map((path) => ({ path, kind: "serviceFile" as const, required: false })),
    ];
  }

  #serviceFiles(): string[] {
    const folder = join(this.#folder, SERVICE_FOLDER);
    const names = listFolder(folder).filter((name) => SERVICE_FILE.test(name));
    if (names.length > MAX_SERVICE_FILES) {
      const message = `the folder holds ${names.length} files; at most ${MAX_SERVICE_FILES} are read`;
      throw new InvalidConfiguration([{ path: "", message, origin: folder }]);
    }
    return names.sort().map((name) => join(folder, name));
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new InvalidConfiguration(
      [{ path: "", message: `cannot be read (${code})`, origin: folder }],
      error,
    );
  }
}

function identityOf(path: string): string {
  const stat = findStatus(path);
  return stat ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : "absent";
}
