import type { TemplateResult } from "lit";
import { Observable } from "../lib/observable.ts";

export interface Route<Parts> {
  /** A URLPattern pathname: `/metrics`, `/plugins/:name`. */
  path: string;
  title: string;
  /** Who may open it; guests are sent to sign-in from a page for members, members away from one for guests. */
  audience: "guest" | "member" | "anyone";
  /** True when the page shows time, so that its links keep the range. */
  hasTime?: boolean;
  /** Loads the page's element: a dynamic import, so that a page costs nothing until it is opened. */
  load(): Promise<unknown>;
  render(parts: Parts, match: RouteMatch): TemplateResult;
}

export interface RouteMatch {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  hash: string;
}

export interface Location<Parts> extends RouteMatch {
  route: Route<Parts> | undefined;
  path: string;
}

/** The parts of the browser that the router steers by. */
export interface BrowserHistory {
  href(): string;
  push(href: string): void;
  replace(href: string): void;
}

/** Which page is shown, read from and written to the address: the URL holds the state. */
export class Router<Parts> {
  readonly location: Observable<Location<Parts>>;
  readonly #patterns: readonly { pattern: URLPattern; route: Route<Parts> }[];
  readonly #history: BrowserHistory;

  constructor(routes: readonly Route<Parts>[], history: BrowserHistory) {
    this.#history = history;
    this.#patterns = routes.map((route) => ({ route, pattern: new URLPattern({ pathname: route.path }) }));
    this.location = new Observable(this.#locate(history.href()));
  }

  /** The address changed from outside (back, forward). */
  reread(): void {
    this.location.set(this.#locate(this.#history.href()));
  }

  /** Goes to an address of this dashboard. */
  navigate(href: string, options: { replace?: boolean } = {}): void {
    const url = new URL(href, this.#history.href()).href;
    if (options.replace) this.#history.replace(url);
    else if (url !== this.#history.href()) this.#history.push(url);
    this.reread();
  }

  /** Whether the bare address was opened: nothing is asked for. */
  get isAtRoot(): boolean {
    const { path, query } = this.location.value;
    return path === "/" && query.size === 0;
  }

  /** Whether there is a page at this path. */
  knows(path: string): boolean {
    return this.#locate(new URL(path, this.#history.href()).href).route !== undefined;
  }

  /** Changes some query parameters of the present page: undefined removes, a list repeats. */
  setQuery(
    changes: Record<string, string | readonly string[] | undefined>,
    options: { replace?: boolean } = {},
  ): void {
    const url = new URL(this.#history.href());
    for (const [name, value] of Object.entries(changes)) {
      url.searchParams.delete(name);
      if (typeof value === "string") url.searchParams.set(name, value);
      else for (const entry of value ?? []) url.searchParams.append(name, entry);
    }
    if (url.href !== this.#history.href()) this.navigate(url.href, options);
  }

  /** The address to follow when a click on a link should stay inside the dashboard; undefined otherwise. */
  hrefOfClick(event: MouseEvent): string | undefined {
    if (event.defaultPrevented || event.button !== 0) return undefined;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
    const anchor = event
      .composedPath()
      .find((node): node is HTMLAnchorElement => node instanceof HTMLElement && node.localName === "a");
    if (anchor === undefined || anchor.hasAttribute("download") || anchor.target !== "") return undefined;
    const href = anchor.getAttribute("href");
    // An empty address means "this page again": the browser reloads it.
    if (href === null || href === "") return undefined;
    const url = new URL(href, this.#history.href());
    const isOwn = url.origin === new URL(this.#history.href()).origin;
    return isOwn && this.#locate(url.href).route !== undefined ? url.href : undefined;
  }

  #locate(href: string): Location<Parts> {
    const url = new URL(href);
    const base = { path: url.pathname, query: url.searchParams, hash: url.hash };
    for (const { pattern, route } of this.#patterns) {
      const found = pattern.exec({ pathname: url.pathname });
      if (found === null) continue;
      const params = Object.fromEntries(
        Object.entries(found.pathname.groups).map(([name, value]) => [name, value ?? ""]),
      );
      return { ...base, route, params };
    }
    return { ...base, route: undefined, params: {} };
  }
}

export const BROWSER_HISTORY: BrowserHistory = {
  href: () => location.href,
  push: (href) => history.pushState(null, "", href),
  replace: (href) => history.replaceState(null, "", href),
};

/** The address to follow a sign-in: only a path of this dashboard, never another site; else `otherwise`. */
export function safeNext(next: string | null, otherwise = "/"): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : otherwise;
}
