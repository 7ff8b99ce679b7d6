import type { Command } from "commander";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import { addConnectionOptions, type ConnectionOptions, dataOption } from "./options.ts";
import { formatTime, Terminal } from "./terminal.ts";

const SECRETS = "/api/v3/secrets";
const KEYS = "/api/v3/secret-keys";
/** A little more than a secret may have: the server says that it is too long. */
const MAX_INPUT_BYTES = 128 * 1_024;

interface SecretRow {
  name: string;
  description: string;
  version: number;
  changedAt: string;
  changedBy: string;
  lastUsedAt: string | null;
  uses: number;
  usedBy: { purpose: string }[];
}

interface SetOptions extends ConnectionOptions {
  file?: string;
  description?: string;
}

/** `binnacle secret …`: named secrets and the keys that protect them. Works with the server stopped, too. */
export function addSecretCommand(program: Command): void {
  const secret = program.command("secret").description("secrets and the keys that protect them");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(secret.command(usage).description(description));
  verb("set <name>", "store a secret, or give it a new value; it is asked for unseen unless --file names it")
    .option("--file <file>", "file that holds the value, whole; - for standard input")
    .option("--description <text>", "what it is")
    .action((name: string, options: SetOptions) => set(name, options));
  verb("list", "list secrets, without values").action((options: ConnectionOptions) => list(options));
  verb("remove <name>", "remove a secret").action((name: string, options: ConnectionOptions) =>
    remove(name, options),
  );
  verb("rotate", "encrypt every secret with a new data key")
    .option("--master", "replace the master key in the key file instead")
    .action((options: ConnectionOptions & { master?: boolean }) => rotate(options));
  verb("recovery-key", "make a recovery key in place of the one before, and show it once")
    .option("--confirm <ending>", "say that it is kept safely, by its last four characters; makes none")
    .action((options: ConnectionOptions & { confirm?: string }) => recoveryKey(options));
  secret
    .command("recover")
    .description("make a lost key file anew from the recovery key; the server must be stopped")
    .addOption(dataOption())
    .option("--recovery-key-file <file>", "file that holds the recovery key, - for standard input")
    .action(async (options: { data: string; recoveryKeyFile?: string }) => {
      const { readPassword } = await import("./password.ts");
      const { recoverKeyFile } = await import("./recovering.ts");
      const path = await recoverKeyFile(
        options.data,
        await readPassword(options.recoveryKeyFile, "Recovery key"),
      );
      console.log(`${path} opens the secrets again. Start the server as usual.`);
    });
}

async function set(name: string, options: SetOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const value = await readValue(name, options.file);
  const { description } = options;
  const stored = await withClient(options, "offline", (client) =>
    client.send<SecretRow>("PUT", pathOf(name), {
      value,
      ...(description === undefined ? {} : { description }),
    }),
  );
  new Terminal(options).show(stored, () =>
    stored.version === 1
      ? `${stored.name} is stored.`
      : `${stored.name} has its value number ${stored.version}.`,
  );
}

async function list(options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const secrets = await withClient(options, "offline", (client) =>
    Array.fromAsync(client.list<SecretRow>(SECRETS)),
  );
  const terminal = new Terminal(options);
  terminal.show(secrets, () => {
    if (secrets.length === 0) return "No secrets. Store one: binnacle secret set SMTP_PASSWORD";
    const rows = secrets.map((row) => [
      row.name,
      row.description,
      formatTime(row.changedAt),
      row.changedBy,
      formatTime(row.lastUsedAt, "never"),
      row.usedBy.map(({ purpose }) => purpose).join(", "),
    ]);
    return terminal.table(["name", "description", "changed", "by", "last used", "used by"], rows);
  });
}

async function remove(name: string, options: ConnectionOptions): Promise<void> {
  const { withClient } = await import("./connect.ts");
  await withClient(options, "offline", (client) => client.send("DELETE", pathOf(name)));
  new Terminal(options).show({ name, outcome: "removed" }, () => `${name} was removed.`);
}

async function rotate(options: ConnectionOptions & { master?: boolean }): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const key = options.master ? "master" : "data";
  const rotated = await withClient(options, "offline", (client) =>
    client.send<{ secrets: number; keys: { dataKeyVersion: number } }>("POST", `${KEYS}/rotations`, { key }),
  );
  new Terminal(options).show(rotated, () =>
    key === "master"
      ? "The master key was replaced. The recovery key stays as it is; a copy of the old key file opens only older copies of the data folder."
      : `${rotated.secrets === 1 ? "1 secret is" : `${rotated.secrets} secrets are`} encrypted with data key ${rotated.keys.dataKeyVersion}.`,
  );
}

async function recoveryKey(options: ConnectionOptions & { confirm?: string }): Promise<void> {
  const { withClient } = await import("./connect.ts");
  const terminal = new Terminal(options);
  const { confirm: ending } = options;
  if (ending !== undefined) {
    await withClient(options, "offline", (client) =>
      client.send("PUT", `${KEYS}/recovery-key/confirmation`, { ending }),
    );
    terminal.show({ outcome: "confirmed" }, () => "Noted: the recovery key is kept safely.");
    return;
  }
  const made = await withClient(options, "offline", (client) =>
    client.send<{ recoveryKey: string }>("POST", `${KEYS}/recovery-key`),
  );
  terminal.show(
    made,
    () => `${made.recoveryKey}

It is not shown again, and any recovery key before it opens nothing any more. Keep it away from this server:
with it, and a copy of the data folder, everything can be decrypted when the key file is lost.
Once it is kept safely: binnacle secret recovery-key --confirm XXXX, with its last four characters.`,
  );
}

/** The value whole, but for one line end at its end, which editors and `echo` add. */
async function readValue(name: string, file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY) {
    const { readPassword } = await import("./password.ts");
    return readPassword(undefined, `Value of ${name}`);
  }
  try {
    const source = file === undefined || file === "-" ? Bun.stdin : Bun.file(file);
    return (await source.slice(0, MAX_INPUT_BYTES).text()).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new AppError("invalid_request", `Cannot read the value from ${file} (${errorCodeOf(cause)}).`, {
      cause,
    });
  }
}

const pathOf = (name: string): string => `${SECRETS}/${encodeURIComponent(name)}`;
