import { describe, expect, test } from "bun:test";
import { html } from "lit";
import { type BrowserHistory, type Route, Router, safeNext } from "../../../web/shell/router.ts";

class MemoryHistory implements BrowserHistory {
  entries = ["http://binnacle.test/"];
  href = () => this.entries.at(-1) ?? "";
  push = (href: string) => void this.entries.push(href);
  replace = (href: string) => void this.entries.splice(-1, 1, href);
}

const page = (path: string): Route<object> => ({
  path,
  title: path,
  audience: "member",
  load: async () => undefined,
  render: () => html``,
});

function openRouter(): { router: Router<object>; history: MemoryHistory } {
  const history = new MemoryHistory();
  return { history, router: new Router([page("/"), page("/metrics"), page("/plugins/:name")], history) };
}

describe("the address decides the page", () => {
  test("by path, with its parameters and query", () => {
    const { router } = openRouter();
    router.navigate("/plugins/my%20one?tab=logs#top");
    const { route, params, query, hash } = router.location.value;
    expect(route?.path).toBe("/plugins/:name");
    expect(params).toEqual({ name: "my%20one" });
    expect(query.get("tab")).toBe("logs");
    expect(hash).toBe("#top");
  });

  test("an unknown path has no page", () => {
    const { router } = openRouter();
    router.navigate("/nowhere");
    expect(router.location.value.route).toBeUndefined();
  });

  test("back and forward are followed", () => {
    const { router, history } = openRouter();
    const seen: string[] = [];
    router.location.subscribe(({ path }) => seen.push(path));
    router.navigate("/metrics");
    history.entries.pop();
    router.reread();
    expect(seen).toEqual(["/metrics", "/"]);
  });
});

describe("the page's state in the address", () => {
  test("lists repeat, absent values vanish, and each change is one step back", () => {
    const { router, history } = openRouter();
    router.navigate("/metrics?range=6h");
    router.setQuery({ series: ["a", 'b{c="d"}'], range: undefined });
    expect(router.location.value.query.getAll("series")).toEqual(["a", 'b{c="d"}']);
    expect(router.location.value.query.has("range")).toBe(false);
    expect(history.entries).toHaveLength(3);
  });

  test("setting what is already there adds no step", () => {
    const { router, history } = openRouter();
    router.navigate("/metrics?range=6h");
    router.setQuery({ range: "6h", from: undefined });
    router.navigate("/metrics?range=6h");
    expect(history.entries).toHaveLength(2);
  });

  test("a replaced address leaves no step", () => {
    const { router, history } = openRouter();
    router.navigate("/metrics", { replace: true });
    expect(history.entries).toEqual(["http://binnacle.test/metrics"]);
  });
});

test("after a sign-in only a path of this dashboard is followed", () => {
  expect(safeNext("/metrics?range=6h")).toBe("/metrics?range=6h");
  for (const foreign of [null, "", "//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)"])
    expect(safeNext(foreign)).toBe("/");
});
