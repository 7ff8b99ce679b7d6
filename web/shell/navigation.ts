import type { Scope } from "../../schema/rules/scopes.ts";
import type { IconName } from "../components/icons.ts";

export interface NavigationItem {
  label: string;
  href: string;
  icon: IconName;
  /** Hidden from who lacks it. */
  scope?: Scope;
  /** Leaves the dashboard (opened in a new tab). */
  isOutside?: boolean;
  /** Shown in the bottom bar of a phone. */
  isPrimary?: boolean;
}

export interface NavigationGroup {
  label: string;
  items: readonly NavigationItem[];
}

/** The whole navigation: side bar, bottom bar and search palette all read this table. */
export const NAVIGATION: readonly NavigationGroup[] = [
  {
    label: "Watch",
    items: [
      { label: "Overview", href: "/", icon: "compass", isPrimary: true },
      { label: "Metrics", href: "/metrics", icon: "chart", scope: "metrics:read", isPrimary: true },
    ],
  },
  {
    label: "System",
    items: [
      { label: "Events", href: "/events", icon: "radio", scope: "events:read" },
      { label: "Errors", href: "/errors", icon: "bug", scope: "errors:read" },
      { label: "Configuration", href: "/configuration", icon: "sliders", scope: "config:read" },
      { label: "Secrets", href: "/secrets", icon: "lock", scope: "secrets:read" },
      { label: "Audit", href: "/audit", icon: "scroll", scope: "audit:read" },
      { label: "Users and tokens", href: "/users", icon: "users", scope: "users:read", isPrimary: true },
      { label: "Account", href: "/account", icon: "user", isPrimary: true },
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
