import { AppError, errorCodeOf } from "../errors/app-error.ts";

const MAX_INPUT_BYTES = 64 * 1024;
const CTRL_C = "\u0003";
const BACKSPACES = new Set(["\u007f", "\b"]);

/**
 * The first line of a file, of standard input (`-`), or what a person types unseen at the terminal.
 * @throws AppError `invalid_request` when there is none to read.
 */
export async function readPassword(file: string | undefined, prompt: string): Promise<string> {
  if (file === undefined) {
    if (!process.stdin.isTTY) {
      throw new AppError(
        "invalid_request",
        "Give the password with --password-file FILE (- for standard input).",
      );
    }
    return promptUnseen(prompt);
  }
  const password = firstLine(await readText(file));
  if (password === "") throw new AppError("invalid_request", `There is no password in ${file}.`);
  return password;
}

async function readText(file: string): Promise<string> {
  try {
    const source = file === "-" ? Bun.stdin : Bun.file(file);
    return await source.slice(0, MAX_INPUT_BYTES).text();
  } catch (error) {
    throw new AppError("invalid_request", `Cannot read the password from ${file} (${errorCodeOf(error)}).`, {
      cause: error,
    });
  }
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? "";

async function promptUnseen(prompt: string): Promise<string> {
  process.stderr.write(`${prompt}: `);
  process.stdin.setRawMode(true);
  let typed = "";
  try {
    for await (const chunk of process.stdin) {
      for (const character of String(chunk)) {
        if (character === "\r" || character === "\n") return typed;
        if (character === CTRL_C) throw new AppError("invalid_request", "Cancelled.");
        typed = BACKSPACES.has(character) ? typed.slice(0, -1) : typed + character;
      }
    }
    return typed;
  } finally {
    process.stdin.setRawMode(false);
    process.stderr.write("\n");
  }
}
