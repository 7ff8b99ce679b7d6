import { type Command, InvalidArgumentError } from "commander";
import { configOption, dataOption } from "./options.ts";

interface ServeOptions {
  host?: string;
  port?: number;
  data: string;
  config?: string;
}

/** Adds the options of `serve` to a command and what it does. */
export function defineServe(command: Command): Command {
  return command
    .option("--host <address>", "address to listen on (default 127.0.0.1)")
    .option("--port <number>", "port to listen on, 0 for a free one (default 8000)", parsePort)
    .addOption(dataOption())
    .addOption(configOption())
    .action(async (options: ServeOptions) => {
      const { serve } = await import("./serving.ts");
      await serve({
        dataFolder: options.data,
        ...(options.config === undefined ? {} : { configFile: options.config }),
        environment: process.env,
        flags: flagsOf(options),
      });
    });
}

/** `binnacle serve`, also what `binnacle` alone does. */
export function addServeCommand(program: Command): void {
  defineServe(
    program.command("serve", { isDefault: true }).description("start the server and its dashboard"),
  );
}

function flagsOf(options: ServeOptions): ReadonlyMap<string, unknown> {
  const flags = new Map<string, unknown>();
  if (options.host !== undefined) flags.set("server.host", options.host);
  if (options.port !== undefined) flags.set("server.port", options.port);
  return flags;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
}
