import { type Command, InvalidArgumentError } from "commander";
import { configOption, dataOption } from "./options.ts";

interface ServeOptions {
  host?: string;
  port?: number;
  data: string;
  config?: string;
  domain?: string[];
  agree?: boolean;
  httpPort?: number;
}

/** What a server with a public name listens on unless it is told otherwise. */
const PUBLIC = { host: "0.0.0.0", port: 443, httpPort: 80 } as const;

/** Adds the options of `serve` to a command and what it does. */
export function defineServe(command: Command): Command {
  return command
    .option("--host <address>", "address to listen on (default 127.0.0.1)")
    .option("--port <number>", "port to listen on, 0 for a free one (default 8000)", parsePort)
    .option("--domain <name...>", "get a certificate for these names by ACME; listens on 0.0.0.0:443 and :80")
    .option("--agree", "agree to the terms of service of the certificate authority")
    .option("--http-port <number>", "port for plain HTTP beside HTTPS (default 80 with --domain)", parsePort)
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
  const { domain, agree } = options;
  const { host, port, httpPort } = domain ? { ...PUBLIC, ...options } : options;
  const given = {
    "server.host": host,
    "server.port": port,
    "server.tls.httpPort": httpPort,
    "server.tls.acme.domains": domain,
    "server.tls.acme.agreed": agree,
  };
  return new Map(Object.entries(given).filter(([, value]) => value !== undefined));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
}
