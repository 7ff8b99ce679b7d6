import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import "../components/bn-error.ts";
import "../components/bn-skeleton.ts";
import type { Parts } from "../compose.ts";
import { ApiProblem, asProblem } from "../data/problem.ts";
import { BROWSER_CLOCK } from "../lib/clock.ts";
import type { Location, Route } from "./router.ts";

type PageState = { kind: "loading" } | { kind: "ready" } | { kind: "failed"; problem: ApiProblem };

/** Browsers set no limit to the loading of code; when it comes after all, it is shown. */
const LOAD_LIMIT_MS = 15_000;
const TOO_LATE = new ApiProblem({
  code: "request_timeout",
  status: 0,
  title: "This page did not come",
  detail: `The server sent nothing within ${LOAD_LIMIT_MS / 1_000} s. Check that it runs and that you can reach it, then try again.`,
});

/** Brings the code of a route's page and shows it, a skeleton meanwhile, or why it could not come. */
export class PageOutlet implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #state: PageState = { kind: "loading" };
  #route: Route<Parts> | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {}

  /**
   * Names the document after the page and loads it; nothing to load for an unknown address.
   * @param heading what the page calls itself, in place of its route's title
   */
  open(route: Route<Parts> | undefined, heading?: string): void {
    document.title = route === undefined ? "Binnacle" : `${heading ?? route.title} · Binnacle`;
    if (route === undefined || route === this.#route) return;
    this.#route = route;
    this.#become({ kind: "loading" });
    void this.#load(route);
  }

  render(parts: Parts, location: Location<Parts>): TemplateResult {
    const { route } = location;
    if (route === undefined) return notFound(location.path);
    if (this.#state.kind === "failed")
      return html`<bn-error .problem=${this.#state.problem} can-retry @retry=${() => globalThis.location.reload()}></bn-error>`;
    if (this.#state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return route.render(parts, location);
  }

  async #load(route: Route<Parts>): Promise<void> {
    const cancelLimit = BROWSER_CLOCK.after(LOAD_LIMIT_MS, () => {
      if (this.#route === route) this.#become({ kind: "failed", problem: TOO_LATE });
    });
    try {
      await route.load();
      if (this.#route === route) this.#become({ kind: "ready" });
    } catch (error) {
      // Most likely a newer server whose files have other names: a reload brings them.
      if (this.#route === route) this.#become({ kind: "failed", problem: asProblem(error) });
    } finally {
      cancelLimit();
    }
  }

  #become(state: PageState): void {
    this.#state = state;
    this.#host.requestUpdate();
  }
}

function notFound(path: string): TemplateResult {
  return html`<div class="panel missing">
    <h2>There is no page ${path}</h2>
    <p class="soft">It may belong to a newer version, or the address is mistyped.</p>
    <a class="button" href="/">To the overview</a>
  </div>`;
}
