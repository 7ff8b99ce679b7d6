import type { SignInProvider } from "../../config/sections/access.ts";

/** What a provider says of a person: claims of the ID token over those of the userinfo endpoint. */
export type Claims = Readonly<Record<string, unknown>>;

/** Whether somebody may sign in, and as what. */
export type Admission =
  | {
      isAdmitted: true;
      /** The role that the claims give; undefined when the settings leave it to the users' own. */
      role: string | undefined;
    }
  /** `reason` is for the audit log; the person is told less. */
  | { isAdmitted: false; reason: string };

const DEFAULT_GROUPS_CLAIM = "groups";

/** Judges the claims of somebody whom the provider vouches for. */
export function admit(provider: SignInProvider, claims: Claims): Admission {
  const { allowedDomains, allowedGroups, groupsClaim = DEFAULT_GROUPS_CLAIM } = provider;
  if (allowedDomains && !isOfDomain(claims, allowedDomains)) {
    return { isAdmitted: false, reason: "no verified e-mail address of an allowed domain" };
  }
  if (allowedGroups && !valuesOf(claims, groupsClaim).some((group) => allowedGroups.includes(group))) {
    return { isAdmitted: false, reason: "in none of the allowed groups" };
  }
  const { roles, defaultRole, roleClaim = groupsClaim } = provider;
  if (!roles) return { isAdmitted: true, role: defaultRole };
  const values = valuesOf(claims, roleClaim);
  const role = roles.find(({ value }) => values.includes(value))?.role ?? defaultRole;
  return role === undefined
    ? { isAdmitted: false, reason: `no value of ${roleClaim} gives a role` }
    : { isAdmitted: true, role };
}

/** The e-mail address, whether it is verified or not; undefined when it is none. */
export function emailOf({ email }: Claims): string | undefined {
  return typeof email === "string" && /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(email) ? email : undefined;
}

const MAX_NAME_BASE_LENGTH = 50;

/** A name to sign in with, made of what the provider calls the person; letters that names cannot hold are left out. */
export function nameFrom(claims: Claims): string {
  const { preferred_username: preferred } = claims;
  const told = typeof preferred === "string" ? preferred : (emailOf(claims) ?? "");
  const base = (told.split("@", 1)[0] ?? "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, MAX_NAME_BASE_LENGTH);
  return base === "" ? "user" : base;
}

/** Only an address that the provider has verified says anything; a missing word is not a yes. */
function isOfDomain(claims: Claims, domains: readonly string[]): boolean {
  if (claims.email_verified !== true) return false;
  const domain = emailOf(claims)?.split("@").at(-1)?.toLowerCase();
  return domain !== undefined && domains.some((allowed) => allowed.toLowerCase() === domain);
}

/** The texts of a claim that is a text or a list of them; `realm_access.roles` reaches into an object. */
function valuesOf(claims: Claims, path: string): string[] {
  const value = Object.hasOwn(claims, path) ? claims[path] : path.split(".").reduce<unknown>(inner, claims);
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

const inner = (node: unknown, name: string): unknown =>
  typeof node === "object" && node !== null && Object.hasOwn(node, name)
    ? (node as Record<string, unknown>)[name]
    : undefined;
