/** Versions and ranges by their own library, evaluated at the first use: its expressions take longer than a start has. */
export const semver = (): typeof import("semver") => require("semver");
