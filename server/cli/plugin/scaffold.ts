import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PLUGIN_DECLARATIONS } from "../../../plugins/sdk/declarations.ts";
import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import type { PluginType } from "../../../schema/rules/plugins.ts";
import { AppError } from "../../errors/app-error.ts";
import { loadBundledFiles } from "../../plugins/discovery/bundled-files.ts";
import { copiedFiles, nameOf } from "../../plugins/discovery/copy.ts";
import { MANIFEST_FILE } from "../../plugins/manifest/read-manifest.ts";
import { MAX_PLUGIN_ID_LENGTH, PLUGIN_ID_PATTERN } from "../../plugins/model.ts";
import { TEMPLATES } from "./templates.ts";

const MAIN = "index.ts";
/** Only this folder: no package of the author's machine changes what the editor says. */
const TSCONFIG = {
  compilerOptions: {
    target: "ESNext",
    module: "ESNext",
    moduleResolution: "bundler",
    lib: ["ESNext", "DOM", "DOM.Iterable"],
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ["*.ts"],
};

/** A folder that was made. */
export interface Scaffold {
  id: string;
  type: PluginType;
  folder: string;
  files: string[];
}

/**
 * Makes the folder of a new plugin: manifest, module, and what an editor needs to know its types without a network.
 * @throws AppError `invalid_request` for a name that is no id, `name_taken` when the folder is there already
 */
export function scaffoldPlugin(id: string, type: PluginType, into: string): Scaffold {
  const files = new Map(Object.entries(filesOf(id, type)));
  return { id, type, ...written(id, into, files) };
}

/**
 * Makes a folder with a copy of a plugin that ships, under an id of its own; see {@link copiedFiles}.
 * @throws AppError `invalid_request` for a name that is no id or one that no plugin has, `name_taken` when the folder is there already
 */
export async function copyPlugin(id: string, from: string, into: string): Promise<Scaffold> {
  const bundled = await loadBundledFiles();
  const files = bundled.get(from);
  if (!files) {
    const all = [...bundled.keys()].join(", ");
    throw new AppError("invalid_request", `No plugin "${from}" ships with Binnacle: choose one of ${all}.`);
  }
  // What ships was checked when it was built.
  const copy = copiedFiles(files, { id });
  return { id, type: copy.manifest.type, ...written(id, into, copy.files) };
}

/** @throws AppError */
function written(
  id: string,
  into: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Pick<Scaffold, "folder" | "files"> {
  if (!new RegExp(PLUGIN_ID_PATTERN).test(id) || id.length > MAX_PLUGIN_ID_LENGTH) {
    throw new AppError(
      "invalid_request",
      `"${id}" cannot be an id: use lower-case letters, digits, - and _, at most ${MAX_PLUGIN_ID_LENGTH}.`,
    );
  }
  const folder = join(into, id);
  if (existsSync(folder))
    throw new AppError("name_taken", `${folder} is there already; nothing was written.`);
  for (const [name, content] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return { folder, files: [...files.keys()] };
}

function filesOf(id: string, type: PluginType): Record<string, string> {
  const { about, manifest, code } = TEMPLATES[type];
  const whole: PluginManifest = {
    id,
    version: "0.1.0",
    type,
    main: MAIN,
    name: nameOf(id),
    description: about,
    ...manifest,
  };
  return {
    [MANIFEST_FILE]: asJson(whole),
    [MAIN]: code,
    "README.md": readme(id, type),
    "tsconfig.json": asJson(TSCONFIG),
    "binnacle.d.ts": PLUGIN_DECLARATIONS,
  };
}

/** The command that tries what was made, with an input that it understands. */
export function trialOf(type: PluginType, folder: string): string {
  const { input, config } = TEMPLATES[type];
  const configuration = config === undefined ? "" : ` --config '${JSON.stringify(config)}'`;
  return `binnacle plugin test ${folder} --input '${JSON.stringify(input)}'${configuration}`;
}

function readme(id: string, type: PluginType): string {
  const { about, config } = TEMPLATES[type];
  const configure =
    config === undefined ? "" : `\n    binnacle plugin config ${id} --set '${JSON.stringify(config)}'`;
  return `# ${nameOf(id)}

${about} ${type === "alert" ? "An" : "A"} ${type} plugin for Binnacle.

Try it in the sandbox, without a server:

    ${trialOf(type, id)}

Put it on a server, agree to what it asks for, and switch it on:

    binnacle plugin install ${id}${configure}
    binnacle plugin approve ${id}
    binnacle plugin enable ${id}

\`${MANIFEST_FILE}\` says who it is and what it needs; \`${MAIN}\` is the plugin; \`binnacle.d.ts\` and \`tsconfig.json\` are for
your editor. To be right about types: \`npx tsc -p ${id}\`.
`;
}

const asJson = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
