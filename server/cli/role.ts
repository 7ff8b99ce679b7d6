import type { Command } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { Terminal } from "./terminal.ts";

const ROLES = "/api/v3/roles";

interface RoleRow {
  name: string;
  scopes: string[];
  description: string;
  builtIn: boolean;
}

interface EditOptions extends ConnectionOptions {
  scopes?: string[];
  description?: string;
}

/** `binnacle role …`: named sets of scopes. Works with the server stopped, too. */
export function addRoleCommand(program: Command): void {
  const role = program.command("role").description("roles: named sets of scopes that users are given");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(role.command(usage).description(description));
  verb("list", "list the roles that ship and those made here").action((options: ConnectionOptions) =>
    list(options),
  );
  verb("create <name>", "make a role")
    .requiredOption("--scopes <scope...>", "what it allows, such as metrics:read config:write")
    .option("--description <sentence>", "what it is for", "")
    .action((name: string, options: EditOptions) =>
      send(
        options,
        "POST",
        ROLES,
        { name, scopes: options.scopes, description: options.description },
        "Made",
      ),
    );
  verb("edit <name>", "change a role; it counts at the next request of everybody who has it")
    .option("--scopes <scope...>", "what it allows from now on")
    .option("--description <sentence>", "what it is for")
    .action((name: string, { scopes, description, ...options }: EditOptions) =>
      send(options, "PATCH", pathOf(name), { scopes, description }, "Changed"),
    );
  verb("remove <name>", "remove a role that nobody has").action((name: string, options: ConnectionOptions) =>
    remove(name, options),
  );
}

async function list(options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const { items } = await withClient(options, "offline", (client) => client.get<{ items: RoleRow[] }>(ROLES));
  const terminal = new Terminal(options);
  terminal.show(items, () => {
    const rows = items.map(({ name, scopes, description, builtIn }) => [
      name,
      scopes.join(" "),
      builtIn ? "ships" : "custom",
      description,
    ]);
    return terminal.table(["name", "scopes", "origin", "description"], rows);
  });
}

async function send(
  options: ConnectionOptions,
  method: "POST" | "PATCH",
  path: string,
  body: object,
  done: string,
): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const role = await withClient(options, "offline", (client) => client.send<RoleRow>(method, path, body));
  new Terminal(options).show(role, () => `${done} ${role.name}: ${role.scopes.join(" ")}.`);
}

async function remove(name: string, options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  await withClient(options, "offline", (client) => client.send("DELETE", pathOf(name)));
  new Terminal(options).show({ name, outcome: "removed" }, () => `Removed ${name}.`);
}

const pathOf = (name: string): string => `${ROLES}/${encodeURIComponent(name)}`;
