import { type Command, Option } from "commander";
import { AppError } from "../errors/app-error.ts";
import type { ApiClient } from "./api-client.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const USERS = "/api/v3/users";

/** A user as the API shows one. */
export interface UserRow {
  id: string;
  name: string;
  role: string;
  createdAt: string;
  lastSignInAt: string | null;
  disabled: boolean;
}

interface PasswordOptions extends ConnectionOptions {
  passwordFile?: string;
}

/** `binnacle user …`: people who can sign in. Works with the server stopped, too. */
export function addUserCommand(program: Command): void {
  const user = program.command("user").description("people who can sign in");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(user.command(usage).description(description));
  const passwordFile = () =>
    new Option("--password-file <file>", "file whose first line is the password, - for standard input");
  const role = () => new Option("--role <role>", "what they may do; binnacle role list shows them all");

  verb("add <name>", "add a user")
    .addOption(role().default("viewer"))
    .addOption(passwordFile())
    .action((name: string, options: PasswordOptions & { role: string }) => add(name, options));
  verb("list", "list users").action((options: ConnectionOptions) => list(options));
  verb("remove <name>", "remove a user with their sessions and tokens").action(
    (name: string, options: ConnectionOptions) =>
      change(name, options, "removed", (client, { id }) => client.send("DELETE", `${USERS}/${id}`)),
  );
  verb("reset-password <name>", "set a new password and end the user's sessions")
    .addOption(passwordFile())
    .option("--link", "print a one-time link instead, by which they set it themselves within a day")
    .action((name: string, options: PasswordOptions & { link?: boolean }) =>
      options.link ? printResetLink(name, options) : resetPassword(name, options),
    );
  verb("sign-out <name>", "end all sessions of a user").action((name: string, options: ConnectionOptions) =>
    change(name, options, "signed out everywhere", (client, { id }) =>
      client.send("DELETE", `/api/v3/sessions?userId=${encodeURIComponent(id)}`),
    ),
  );
  verb("role <name> <role>", "give a user another role; binnacle role list shows them all").action(
    (name: string, newRole: string, options: ConnectionOptions) =>
      patch(name, options, "changed", { role: newRole }),
  );
  verb("disable <name>", "keep a user from signing in").action((name: string, options: ConnectionOptions) =>
    patch(name, options, "disabled", { disabled: true }),
  );
  verb("enable <name>", "let a disabled user sign in again").action(
    (name: string, options: ConnectionOptions) => patch(name, options, "enabled", { disabled: false }),
  );
}

/** The user of that name, whatever its case. @throws AppError `user_not_found` */
export async function findUser(client: ApiClient, name: string): Promise<UserRow> {
  const wanted = name.toLowerCase();
  for await (const user of client.list<UserRow>(USERS)) {
    if (user.name.toLowerCase() === wanted) return user;
  }
  throw new AppError("user_not_found", `There is no user named "${name}".`);
}

async function add(name: string, options: PasswordOptions & { role: string }): Promise<void> {
  const { readPassword } = await import("./password.ts");
  const { withClient } = await import("./connect.ts");
  const password = await readPassword(options.passwordFile, `Password for ${name}`);
  const user = await withClient(options, "offline", (client) =>
    client.send<UserRow>("POST", USERS, { name, role: options.role, password }),
  );
  new Terminal(options).show(user, () => `Added ${user.name} as ${user.role}.`);
}

async function list(options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const users = await withClient(options, "offline", (client) =>
    Array.fromAsync(client.list<UserRow>(USERS)),
  );
  const terminal = new Terminal(options);
  terminal.show(users, () => {
    if (users.length === 0) return "Nobody yet. Add the first: binnacle user add NAME --role admin";
    const rows = users.map((user) => [
      user.name,
      user.role,
      user.disabled ? "disabled" : "active",
      formatTime(user.lastSignInAt, "never"),
      formatTime(user.createdAt),
    ]);
    return terminal.table(["name", "role", "state", "last sign-in", "created"], rows);
  });
}

async function resetPassword(name: string, options: PasswordOptions): Promise<void> {
  const { readPassword } = await import("./password.ts");
  const newPassword = await readPassword(options.passwordFile, `New password for ${name}`);
  await change(name, options, "given a new password", (client, { id }) =>
    client.send("PUT", `${USERS}/${id}/password`, { newPassword }),
  );
}

async function printResetLink(name: string, options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const link = await withClient(options, "offline", async (client) => {
    const { id } = await findUser(client, name);
    return client.send<{ userName: string; url: string; expiresAt: string }>(
      "POST",
      `${USERS}/${id}/reset-links`,
    );
  });
  new Terminal(options).show(link, () => link.url);
}

function patch(
  name: string,
  options: ConnectionOptions,
  done: string,
  fields: { role: string } | { disabled: boolean },
): Promise<void> {
  return change(name, options, done, (client, { id }) => client.send("PATCH", `${USERS}/${id}`, fields));
}

async function change(
  name: string,
  options: ConnectionOptions,
  done: string,
  verb: (client: ApiClient, user: UserRow) => Promise<unknown>,
): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const user = await withClient(options, "offline", async (client) => {
    const found = await findUser(client, name);
    await verb(client, found);
    return found;
  });
  new Terminal(options).show(
    { id: user.id, name: user.name, outcome: done },
    () => `${user.name} was ${done}.`,
  );
}
