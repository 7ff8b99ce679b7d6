const MAX_COMMAND_LENGTH = 512;
/** Arguments can be megabytes; what lies behind this is never shown. */
const MAX_READ_LENGTH = 8192;
const SECRET_WORD = "(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|credentials?)";
const SECRET_OPTION = new RegExp(`^--?[\\w-]*${SECRET_WORD}$`, "i");
const SECRET_ASSIGNMENT = new RegExp(`^(-{0,2}[\\w.-]*${SECRET_WORD}=).+$`, "is");
const URL_PASSWORD = /(\/\/[^\s/:@]*:)[^\s/@]+@/g;
const REDACTED = "…";

/**
 * Makes /proc/[pid]/cmdline (arguments ended by NUL) one readable line of at most 512 characters. Values of options
 * that are named like secrets and passwords inside URLs are left out: whoever may look at metrics may not therefore
 * read other programs' keys. Programs that rewrite their line (`postgres: writer`) give it as one argument.
 * @returns an empty text for kernel threads and zombies, which have no arguments.
 */
export function readableCommand(cmdline: string): string {
  const words = cmdline
    .slice(0, MAX_READ_LENGTH)
    .replace(/[\0\s]+$/, "")
    .split("\0");
  const shown = words.map((word, index) => {
    const before = words[index - 1];
    if (before !== undefined && SECRET_OPTION.test(before) && !word.startsWith("-")) return REDACTED;
    return word.replace(SECRET_ASSIGNMENT, `$1${REDACTED}`).replace(URL_PASSWORD, `$1${REDACTED}@`);
  });
  const line = shown.join(" ").replace(/\p{Cc}+/gu, " ");
  return line.length <= MAX_COMMAND_LENGTH ? line : `${line.slice(0, MAX_COMMAND_LENGTH - 1)}…`;
}
