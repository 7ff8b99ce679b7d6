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
/** No hidden files: editors keep their copies so. */
const SERVICE_FILE = /^[^.].*\.(ya?ml|json)$/;
const MAX_SERVICE_FILES = 100;
const OURS = /\.(ya?ml|json)$/;
const ABSENT = "absent";
const FILE_KINDS = ["file", "environmentFile", "serviceFile"] as const satisfies readonly LayerKind[];

/** The configuration files of this machine: global file, environment file, `conf.d`. */
export class ConfigurationFiles {
  /** The kinds of the layers that {@link read} gives. */
  static readonly kinds = FILE_KINDS;
  readonly #folder: string;
  readonly #configFile: string | undefined;
  readonly #environmentName: string | undefined;
  #lastRead = "";

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
    this.#lastRead = this.fingerprint();
    const layers: Layer[] = [];
    const problems: ConfigurationIssue[] = this.#serviceFolder().problems;
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

  /** The fingerprint before the last {@link read}: another one now means that something else stands there. */
  get lastRead(): string {
    return this.#lastRead;
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
      .filter((path) => identityOf(path) !== ABSENT);
  }

  /** The folders in which a change can matter, those that symlinks lead to included. */
  folders(): string[] {
    const places = [this.#folder, join(this.#folder, SERVICE_FOLDER), ...this.present().map(realFolderOf)];
    return [...new Set(places)].filter(isFolder);
  }

  /**
   * Whether something of that name in one of the folders can be one of ours, or a link on the way to one. The data
   * folder is busy with other files; whatever happens elsewhere is looked at.
   */
  isRelevant(folder: string, name: string | null): boolean {
    if (folder !== this.#folder || name === null) return true;
    return (
      name === SERVICE_FOLDER || name.startsWith("..") || OURS.test(name) || name === this.#configFileName
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
      ...this.#serviceFolder().paths.map((path) => ({ path, kind: "serviceFile" as const, required: false })),
    ];
  }

  #serviceFolder(): { paths: string[]; problems: ConfigurationIssue[] } {
    const folder = join(this.#folder, SERVICE_FOLDER);
    const listing = listFolder(folder);
    if (typeof listing === "string")
      return { paths: [], problems: [{ path: "", message: listing, origin: folder }] };
    const names = listing.filter((name) => SERVICE_FILE.test(name)).sort();
    const paths = names.slice(0, MAX_SERVICE_FILES).map((name) => join(folder, name));
    const message = `the folder holds ${names.length} files; at most ${MAX_SERVICE_FILES} are read`;
    return { paths, problems: names.length > paths.length ? [{ path: "", message, origin: folder }] : [] };
  }
}

/** The names in a folder, none when there is no folder; a sentence when it cannot be read. */
function listFolder(folder: string): string[] | string {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = errorCodeOf(error);
    return code === "ENOENT" || code === "ENOTDIR" ? [] : `cannot be read (${code})`;
  }
}

/** Identity, size and times of a file, or why there are none. */
function identityOf(path: string): string {
  try {
    const status = findStatus(path);
    return status ? `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}:${status.ctimeNs}` : ABSENT;
  } catch (error) {
    return errorCodeOf(error); // a look tells that something changed; reading it tells what is wrong
  }
}

const isFolder = (path: string): boolean => {
  try {
    return readdirSync(path) !== undefined;
  } catch (error) {
    if (errorCodeOf(error) === "") throw error;
    return false;
  }
};

/** The folder that a file really lies in; its own when the way there is broken. */
function realFolderOf(path: string): string {
  try {
    return dirname(realpathSync(path));
  } catch (error) {
    if (errorCodeOf(error) === "") throw error;
    return dirname(path);
  }
}
