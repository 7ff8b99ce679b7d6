import { runBinary, type Workspace } from "./binary.ts";

const PASSWORD = "correct horse battery staple";

/**
 * Adds an administrator to the data folder of a server that is not started yet, and makes a token for each list of
 * scopes, by the program's own commands.
 * @throws Error with what a command said when it failed
 */
export async function makeTokens<Name extends string>(
  workspace: Workspace,
  scopes: Readonly<Record<Name, string>>,
): Promise<Record<Name, string>> {
  await succeed(workspace, ["user", "add", "admin", "--role", "admin", "--password-file", "-"], PASSWORD);
  const made: [string, string][] = [];
  for (const [name, list] of Object.entries<string>(scopes)) {
    const create = ["token", "create", "--user", "admin", "--name", name, "--scopes", list, "--json"];
    made.push([name, (JSON.parse(await succeed(workspace, create)) as { token: string }).token]);
  }
  return Object.fromEntries(made) as Record<Name, string>;
}

/** The same for one token, of every scope unless given. */
export async function makeToken(workspace: Workspace, scopes = "*"): Promise<string> {
  return (await makeTokens(workspace, { test: scopes })).test;
}

async function succeed(workspace: Workspace, args: readonly string[], stdin = ""): Promise<string> {
  const environment = { BINNACLE_DATA: "data" };
  const { exitCode, stdout, stderr } = await runBinary(args, {
    cwd: workspace.path,
    env: environment,
    stdin,
  });
  if (exitCode !== 0) throw new Error(`binnacle ${args.join(" ")}: ${stderr}`);
  return stdout;
}
