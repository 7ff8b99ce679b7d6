/** Who the server runs as, and how much of Landlock it uses. */
export interface Configuration {
  name: "full, root" | "strong, root" | "full, user" | "strong, user";
  level: "full" | "strong";
  isRoot: boolean;
}

/** An ordinary user without a name; nobody's files are its own. */
export const USER = 65_534;
/** Files and TCP as Linux 6.2 knew them: no ports, no devices, no signals. */
export const STRONG_LANDLOCK_ABI = 3;

const ALL: readonly Configuration[] = [
  { name: "full, root", level: "full", isRoot: true },
  { name: "strong, root", level: "strong", isRoot: true },
  { name: "full, user", level: "full", isRoot: false },
  { name: "strong, user", level: "strong", isRoot: false },
];

export const IS_ROOT = process.getuid?.() === 0;

/** The configurations that this run can have: where the tests do not run as root, a server cannot either. */
export const CONFIGURATIONS = ALL.filter(({ isRoot }) => IS_ROOT || !isRoot);

/** What is written before a command so that it runs as the configuration's user, without any right beyond. */
export const asUser = ({ isRoot }: Pick<Configuration, "isRoot">): string[] =>
  isRoot || !IS_ROOT
    ? []
    : ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups", "--bounding-set=-all", "--"];
