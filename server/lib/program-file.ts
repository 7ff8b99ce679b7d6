import { pathToFileURL } from "node:url";

/** Whether this runs from the one compiled file. */
export const isCompiled = (): boolean => Bun.main.startsWith("/$bunfs/") || Bun.main.startsWith("B:/~BUN/");

/**
 * Where the code of a worker is; `name` is its path below server/, without the ending. In the compiled file the module
 * that asks may stand in any chunk; entry points keep their place beside main.
 */
export const workerAddress = (name: `${string}worker`): URL =>
  isCompiled() ? new URL(`./${name}.js`, pathToFileURL(Bun.main)) : new URL(`../${name}.ts`, import.meta.url);
