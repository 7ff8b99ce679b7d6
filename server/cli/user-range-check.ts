import { USERS } from "../plugins/jail/user-pool.ts";
import { ok, skipped, type Verdict, warning } from "./diagnosis.ts";

type Use = keyof typeof USERS;

const WORDS: Readonly<Record<Use, string>> = {
  plugins: "plugins",
  browsers: "browsers of plugins",
  programs: "programs that plugins run",
};

/**
 * Whether the users that plugins, their browsers and their programs run as exist here: in a user namespace, as many
 * containers have, only some numbers do.
 * @param maps the text of /proc/self/uid_map and of gid_map
 */
export function judgeUserRanges(maps: readonly string[], isRoot: boolean): Verdict {
  if (!isRoot) return skipped("only root can give plugins users of their own");
  const lacking = (Object.keys(WORDS) as Use[]).filter((use) => !maps.every((map) => isMapped(map, use)));
  if (lacking.length === 0) return ok("plugins, their browsers and programs have users of their own");
  const numbers = lacking.map(
    (use) => `${WORDS[use]} (${USERS[use].first} to ${USERS[use].first + USERS[use].count - 1})`,
  );
  return warning(
    `this user namespace has no numbers for ${numbers.join(", ")}`,
    "map these users and groups into the container; until then plugins run as the server's user, and browsers and programs that lack theirs do not start",
  );
}

/** A line of a map: first number inside, first outside, how many (user_namespaces(7)). */
const isMapped = (map: string, use: Use): boolean =>
  map
    .trim()
    .split("\n")
    .some((line) => {
      const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
      const { first, count: wanted } = USERS[use];
      return inside <= first && first + wanted <= inside + count;
    });
