import { type Command, InvalidArgumentError } from "commander";
import { AppError } from "../errors/app-error.ts";
import type { ApiClient } from "./api-client.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";
import { findUser } from "./user.ts";

const TOKENS = "/api/v3/tokens";
const DEFAULT_EXPIRY_DAYS = 365;

interface TokenRow {
  id: string;
  name: string;
  userName: string;
  scopes: string[];
  prefix: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

interface CreateOptions extends ConnectionOptions {
  user?: string;
  name: string;
  scopes: string[];
  expiresInDays: number | null;
}

/** `binnacle token …`: API tokens. Works with the server stopped, too. */
export function addTokenCommand(program: Command): void {
  const token = program.command("token").description("API tokens");
  addConnectionOptions(token.command("create").description("make a token; it is shown once"))
    .option("--user <name>", "whose token it is; needed unless --token says who you are")
    .requiredOption("--name <name>", "what the token is for")
    .requiredOption(
      "--scopes <list>",
      "rights, separated by commas, such as metrics:read; * for all",
      parseScopes,
    )
    .option("--expires-in-days <days>", "days until it ends, or never", parseExpiry, DEFAULT_EXPIRY_DAYS)
    .action((options: CreateOptions) => create(options));
  addConnectionOptions(token.command("list").description("list tokens")).action(
    (options: ConnectionOptions) => list(options),
  );
  addConnectionOptions(
    token.command("revoke <token>").description("end a token, by id, name or prefix"),
  ).action((which: string, options: ConnectionOptions) => revoke(which, options));
}

async function create(options: CreateOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const made = await withClient(options, "offline", async (client) => {
    const owner = options.user === undefined ? {} : { userId: (await findUser(client, options.user)).id };
    const { name, scopes, expiresInDays } = options;
    return client.send<TokenRow & { token: string }>("POST", TOKENS, {
      ...owner,
      name,
      scopes,
      expiresInDays,
    });
  });
  new Terminal(options).show(
    made,
    () =>
      `${made.token}\n\nToken "${made.name}" of ${made.userName}, ${expiry(made)}. It is not shown again.`,
  );
}

async function list(options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const tokens = await withClient(options, "offline", (client) =>
    Array.fromAsync(client.list<TokenRow>(TOKENS)),
  );
  const terminal = new Terminal(options);
  terminal.show(tokens, () => {
    if (tokens.length === 0)
      return "No tokens. Make one: binnacle token create --user NAME --name N --scopes metrics:read";
    const rows = tokens.map((row) => [
      row.name,
      row.userName,
      row.prefix,
      row.scopes.join(" "),
      formatTime(row.lastUsedAt, "never"),
      formatTime(row.expiresAt, "never"),
    ]);
    return terminal.table(["name", "user", "prefix", "scopes", "last used", "expires"], rows);
  });
}

async function revoke(which: string, options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const token = await withClient(options, "offline", async (client) => {
    const found = await findToken(client, which);
    await client.send("DELETE", `${TOKENS}/${found.id}`);
    return found;
  });
  new Terminal(options).show(
    { id: token.id, name: token.name, outcome: "revoked" },
    () => `The token "${token.name}" of ${token.userName} was revoked.`,
  );
}

/** @throws AppError `token_not_found`; also when the name fits several, which it lists. */
async function findToken(client: ApiClient, which: string): Promise<TokenRow> {
  const matches: TokenRow[] = [];
  for await (const row of client.list<TokenRow>(TOKENS)) {
    if (row.id === which) return row;
    if (row.name === which || row.prefix === which) matches.push(row);
  }
  const [first, ...others] = matches;
  if (!first) throw new AppError("token_not_found", `There is no token "${which}".`);
  if (others.length > 0) {
    const choices = matches.map((row) => `${row.prefix} of ${row.userName}`).join(", ");
    throw new AppError(
      "token_not_found",
      `Several tokens are called "${which}": name one by its prefix (${choices}).`,
    );
  }
  return first;
}

const expiry = (token: TokenRow): string =>
  token.expiresAt ? `valid until ${formatTime(token.expiresAt)}` : "without an end";

const parseScopes = (text: string): string[] => text.split(/[\s,]+/).filter((scope) => scope !== "");

function parseExpiry(text: string): number | null {
  if (text === "never") return null;
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1) return days;
  throw new InvalidArgumentError("Give a whole number of days, or never.");
}
