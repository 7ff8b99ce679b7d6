import { INVOKED_VERBS, LIFE_CYCLE_VERBS } from "../../../schema/plugin/author.ts";
import type { LoadResult } from "../../../schema/plugin/rpc.ts";
import { nearest } from "../../lib/nearest.ts";
import { PluginLoadError } from "./load-error.ts";

type PluginFunction = (...args: unknown[]) => unknown;

const KNOWN_VERBS: readonly string[] = [...INVOKED_VERBS, ...LIFE_CYCLE_VERBS];
const DEFINE = "`export default definePlugin({ … })`";

/** What a plugin's module exports, looked through. */
export class Definition {
  readonly loaded: LoadResult;
  readonly #object: object;

  /**
   * @param exported the default export of `main`
   * @throws PluginLoadError when it is no definition; it says what is missing
   */
  constructor(exported: unknown, main: string) {
    if (typeof exported !== "object" || exported === null) {
      throw new PluginLoadError(`${main} has no definition as its default export: write ${DEFINE}.`);
    }
    this.#object = exported;
    for (const name of Object.keys(exported)) this.#checkName(name, main);
    const verbs = KNOWN_VERBS.filter((name) => this.find(name) !== undefined);
    if (!verbs.some((verb) => verb === "onEvent" || INVOKED_VERBS.some((invoked) => invoked === verb))) {
      throw new PluginLoadError(`${main} defines nothing that can be called, such as \`execute\`.`);
    }
    const metadata: unknown = Reflect.get(exported, "metadata");
    this.loaded = { verbs, ...(metadata === undefined ? {} : { metadata }) };
  }

  /** The function of that name, bound to its definition. */
  find(name: string): PluginFunction | undefined {
    const value: unknown = Reflect.get(this.#object, name);
    return isFunction(value) ? (...args) => Reflect.apply(value, this.#object, args) : undefined;
  }

  /** A misspelt function would never be called, and nobody would be told. */
  #checkName(name: string, main: string): void {
    const value: unknown = Reflect.get(this.#object, name);
    if (KNOWN_VERBS.includes(name)) {
      if (value === undefined || isFunction(value)) return;
      throw new PluginLoadError(`${main}: \`${name}\` is not a function.`);
    }
    const meant = isFunction(value) ? nearest(name, KNOWN_VERBS) : undefined;
    if (meant !== undefined && this.find(meant) === undefined)
      throw new PluginLoadError(`${main}: \`${name}\` is never called; is \`${meant}\` meant?`);
  }
}

const isFunction = (value: unknown): value is PluginFunction => typeof value === "function";
