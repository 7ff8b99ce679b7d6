/** What a scope can speak of. */
export const SCOPE_AREAS = [
  "system",
  "metrics",
  "logs",
  "users",
  "tokens",
  "config",
  "audit",
  "secrets",
  "events",
  "errors",
  "plugins",
  "cache",
  "alerts",
  "profiler",
] as const;
export type ScopeArea = (typeof SCOPE_AREAS)[number];

/** Weakest first: each includes the ones before it. */
export const SCOPE_ACTIONS = ["read", "write", "admin"] as const;
export type ScopeAction = (typeof SCOPE_ACTIONS)[number];

/** A right to act on an area; `*` is every right. */
export type Scope = `${ScopeArea}:${ScopeAction}`;
export type GrantedScope = Scope | "*";

/** What a person reads beside each area. */
export const AREA_DESCRIPTIONS = {
  system: "What this server is and how it fares",
  metrics: "Charts and samples",
  logs: "Log lines of this server and of applications",
  users: "People who can sign in, and their sessions",
  tokens: "API tokens of everybody",
  config: "Settings",
  audit: "Who did what",
  secrets: "Secrets by name; values are never shown",
  events: "Events, their types and subscribers, and deliveries",
  errors: "The error centre: failures and their causes",
  plugins: "Plugins: their state, calls and approvals",
  cache: "Query cache",
  alerts: "Alerts, their rules and who is told",
  profiler: "How long operations take: statistics, slow operations, traces",
} as const satisfies Record<ScopeArea, string>;

/** Role → scopes: the bundles that ship. Read by server and dashboard alike. */
export const ROLES = {
  viewer: {
    description: "Sees charts and the state of the server; changes nothing",
    scopes: ["system:read", "metrics:read", "logs:read", "plugins:read", "alerts:read", "profiler:read"],
  },
  operator: {
    description: "Runs the daily work; does not manage people or settings",
    scopes: [
      "system:write",
      "metrics:write",
      "logs:write",
      "config:read",
      "audit:read",
      "events:write",
      "errors:write",
      "plugins:write",
      "cache:write",
      "alerts:write",
      "profiler:write",
    ],
  },
  admin: { description: "Everything", scopes: ["*"] },
} as const satisfies Record<string, { description: string; scopes: readonly GrantedScope[] }>;

export type RoleName = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as RoleName[];

const ACCEPTED_PREFIX = "analytics:";

/** Reads a scope as written by a person (`analytics:plugins:read` is accepted for `plugins:read`); undefined when it is none. */
export function parseScope(text: string): GrantedScope | undefined {
  if (text === "*") return "*";
  const plain = text.startsWith(ACCEPTED_PREFIX) ? text.slice(ACCEPTED_PREFIX.length) : text;
  const [area, action, ...rest] = plain.split(":");
  const isKnown =
    rest.length === 0 &&
    (SCOPE_AREAS as readonly string[]).includes(area ?? "") &&
    (SCOPE_ACTIONS as readonly string[]).includes(action ?? "");
  return isKnown ? (plain as Scope) : undefined;
}

/** Whether any of `granted` covers `needed`: the same area at the same or a stronger action, or `*`. */
export function covers(granted: readonly GrantedScope[], needed: Scope): boolean {
  const [neededArea, neededAction] = needed.split(":") as [ScopeArea, ScopeAction];
  return granted.some((scope) => {
    if (scope === "*") return true;
    const [area, action] = scope.split(":") as [ScopeArea, ScopeAction];
    return area === neededArea && SCOPE_ACTIONS.indexOf(action) >= SCOPE_ACTIONS.indexOf(neededAction);
  });
}

/** Whether every one of `needed` is covered by `granted`. */
export function coversAll(granted: readonly GrantedScope[], needed: readonly GrantedScope[]): boolean {
  return needed.every((scope) => (scope === "*" ? granted.includes("*") : covers(granted, scope)));
}

/** What both lists grant: for each area the weaker of the two actions. */
export function commonScopes(a: readonly GrantedScope[], b: readonly GrantedScope[]): GrantedScope[] {
  if (a.includes("*")) return [...b];
  if (b.includes("*")) return [...a];
  return SCOPE_AREAS.flatMap((area) => {
    const strongest = SCOPE_ACTIONS.findLast(
      (action) => covers(a, `${area}:${action}`) && covers(b, `${area}:${action}`),
    );
    return strongest ? [`${area}:${strongest}` as const] : [];
  });
}

/** The scopes of a role that ships; none for any other name. Custom roles stand in the database. */
export function scopesOfRole(role: string): readonly GrantedScope[] {
  return isRoleName(role) ? ROLES[role].scopes : [];
}

/** Whether `text` names a role that ships. */
export const isRoleName = (text: string): text is RoleName => Object.hasOwn(ROLES, text);
