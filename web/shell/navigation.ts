import type { Scope } from "../../schema/rules/scopes.ts";
import type { IconName } from "../components/icons.ts";
import type { Session } from "../data/session.ts";

export interface NavigationItem {
  label: string;
  href: string;
  icon: IconName;
  /** Hidden from who lacks it. */
  scope?: Scope;
  /** Leaves the dashboard (opened in a new tab). */
  isOutside?: boolean;
  /** Has its place in the bottom bar of a phone, which holds four; the others stand on its sheet More. */
  isPrimary?: boolean;
}

export interface NavigationGroup {
  label: string;
  items: readonly NavigationItem[];
}

/** The whole navigation: side bar, bottom bar and search palette all read this table. */
const NAVIGATION: readonly NavigationGroup[] = [
  {
    label: "Watch",
    items: [
      { label: "Overview", href: "/", icon: "compass", isPrimary: true },
      { label: "Metrics", href: "/metrics", icon: "chart", scope: "metrics:read", isPrimary: true },
      { label: "Logs", href: "/logs", icon: "logs", scope: "logs:read", isPrimary: true },
      { label: "Alerts", href: "/alerts", icon: "bell", scope: "alerts:read", isPrimary: true },
      { label: "Performance", href: "/performance", icon: "gauge", scope: "profiler:read" },
    ],
  },
  {
    label: "Run",
    items: [{ label: "Plugins", href: "/plugins", icon: "plug", scope: "plugins:read" }],
  },
  {
    label: "System",
    items: [
      { label: "Events", href: "/events", icon: "radio", scope: "events:read" },
      { label: "Errors", href: "/errors", icon: "bug", scope: "errors:read" },
      { label: "Configuration", href: "/configuration", icon: "sliders", scope: "config:read" },
      { label: "Secrets", href: "/secrets", icon: "lock", scope: "secrets:read" },
      { label: "Audit", href: "/audit", icon: "scroll", scope: "audit:read" },
      { label: "Users and tokens", href: "/users", icon: "users", scope: "users:read" },
    ],
  },
  {
    label: "Build",
    items: [
      { label: "GraphQL explorer", href: "/graphql", icon: "graph", isOutside: true },
      { label: "API reference", href: "/docs", icon: "book", isOutside: true },
    ],
  },
];

/** The reader's own page: it belongs to the menu behind their initials. */
export const ACCOUNT: NavigationItem = { label: "Account", href: "/account", icon: "user" };

/** The groups with what the reader may open and `isWanted` lets through; empty ones are left out. */
export function navigationFor(
  session: Session | undefined,
  isWanted: (item: NavigationItem) => boolean = () => true,
): NavigationGroup[] {
  return NAVIGATION.map(({ label, items }) => ({
    label,
    items: items.filter(
      (item) => isWanted(item) && (item.scope === undefined || session?.can(item.scope) === true),
    ),
  })).filter(({ items }) => items.length > 0);
}
