import type { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { Terminal } from "./terminal.ts";

/** `binnacle setup-link`: a new one-time link while nobody has an account. */
export function addSetupLinkCommand(program: Command): void {
  addConnectionOptions(
    program.command("setup-link").description("print a new one-time set-up link (30 minutes, no user yet)"),
  ).action(async (options: ConnectionOptions) => {
    const { withClient } = await import("./connect.ts");
    const link = await withClient(options, "offline", (client) =>
      client.send<{ url: string; expiresAt: string }>("POST", "/api/v3/setup/links"),
    );
    new Terminal(options).show(link, () => link.url);
  });
}
