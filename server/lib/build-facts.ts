declare const BINNACLE_VERSION: string | undefined;
declare const BINNACLE_COMMIT: string | undefined;
declare const BINNACLE_BUILT_AT: string | undefined;

/** What this program is; written into the binary by build.ts. From source, `commit` and `builtAt` are empty. */
export const BUILD = {
  version: typeof BINNACLE_VERSION === "undefined" ? "0.0.0-source" : BINNACLE_VERSION,
  /** Abbreviated commit, with a `+` when the tree held changes that were not committed. */
  commit: typeof BINNACLE_COMMIT === "undefined" ? "" : BINNACLE_COMMIT,
  /** ISO 8601. */
  builtAt: typeof BINNACLE_BUILT_AT === "undefined" ? "" : BINNACLE_BUILT_AT,
} as const;

/** `binnacle 1.2.3 (0123456789ab, 2030-01-31)`. */
export function versionLine(): string {
  const facts = [BUILD.commit, BUILD.builtAt.slice(0, 10)].filter((fact) => fact !== "").join(", ");
  return facts ? `binnacle ${BUILD.version} (${facts})` : `binnacle ${BUILD.version}`;
}
