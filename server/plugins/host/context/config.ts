import type { PluginContext } from "../../../../plugins/sdk/index.ts";
import type { ServerLine } from "../server-line.ts";

type Values = Record<string, unknown>;

/**
 * `ctx.config` of one plugin: as the server has it now, and the secrets in it as this process was given them. The server
 * never repeats a secret; another one comes with a change of the configuration.
 */
export class OwnConfiguration {
  readonly #line: ServerLine;
  #given: unknown;

  constructor(line: ServerLine) {
    this.#line = line;
  }

  /** What the process is configured with from now on, secrets included. */
  take(given: unknown): void {
    this.#given = given;
  }

  /** For one call, with whose signal it ends. */
  of(call: { readonly signal: AbortSignal }): PluginContext["config"] {
    return {
      // Typed by what the author declares of the configuration, which only the author knows.
      get: async (key?: string): Promise<never> => {
        const config = joined(this.#given, await this.#line.ask("config.get", null, call.signal));
        return (key === undefined ? config : valueIn(config, key)) as never;
      },
      set: async (values) => {
        await this.#line.ask("config.set", { values }, call.signal);
      },
    };
  }
}

/** What is known now, and what only `given` has. */
function joined(given: unknown, now: unknown): unknown {
  if (!isObject(given) || !isObject(now)) return now === undefined ? given : now;
  const names = new Set([...Object.keys(given), ...Object.keys(now)]);
  return Object.fromEntries(
    [...names].map((name) => [name, joined(valueIn(given, name), valueIn(now, name))]),
  );
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const valueIn = (config: unknown, key: string): unknown =>
  isObject(config) && Object.hasOwn(config, key) ? config[key] : undefined;
