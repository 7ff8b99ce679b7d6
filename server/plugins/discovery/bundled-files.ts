import { join } from "node:path";
import { type BundledFiles, readBundledFolder } from "./bundled-folder.ts";

const SOURCE_FOLDER = join(import.meta.dirname, "../../../plugins");

/**
 * The files of the plugins that ship with Binnacle. From source they are read from plugins/; in the binary build.ts puts
 * a module that holds them in this one's place.
 */
export const loadBundledFiles = (): Promise<BundledFiles> => readBundledFolder(SOURCE_FOLDER);
