import type { Parts } from "../compose.ts";
import { ANONYMOUS_ID } from "../data/session.ts";
import { safeNext } from "./router.ts";

type EntranceParts = Pick<Parts, "session" | "router" | "live" | "version" | "preferences">;

/** Who may stay where they are: brings address and connections in line with the session. */
export class Entrance {
  readonly #parts: EntranceParts;
  readonly #onWelcomed: () => void;
  #welcomedId: string | undefined;
  #isWelcoming = false;

  /** @param onWelcomed is called once the choices of somebody who entered are known. */
  constructor(parts: EntranceParts, onWelcomed: () => void) {
    this.#parts = parts;
    this.#onWelcomed = onWelcomed;
  }

  /** Says whether the page of the address may be shown; where it may not, the address is about to change, or nobody is known yet. */
  admit(): boolean {
    const { session, router, live, version } = this.#parts;
    const who = session.state.value;
    if (who.kind === "signed-in" && who.user.id !== ANONYMOUS_ID && who.user.id !== this.#welcomedId)
      void this.#welcome(who.user.id);
    if (this.#isWelcoming) return false;
    const { route, path, query } = router.location.value;
    if (who.kind === "signed-in") {
      live.start();
      if (version.system.value === undefined) void version.refresh();
      if (route?.audience !== "guest" || who.user.id === ANONYMOUS_ID) return true;
      router.navigate(safeNext(query.get("next"), this.#startPage), { replace: true });
      return false;
    }
    if (who.kind !== "guest") return true;
    live.stop();
    this.#welcomedId = undefined;
    if (route !== undefined && route.audience !== "member") return true;
    const next = path === "/" ? "" : `?next=${encodeURIComponent(location.pathname + location.search)}`;
    router.navigate(`/sign-in${next}`, { replace: true });
    return false;
  }

  /** Somebody has entered: what they chose for themselves counts before anything is drawn. */
  async #welcome(userId: string): Promise<void> {
    const { preferences, router } = this.#parts;
    this.#welcomedId = userId;
    this.#isWelcoming = true;
    await preferences.enter(userId);
    this.#isWelcoming = false;
    if (isFreshVisit() && router.isAtRoot) router.navigate(this.#startPage, { replace: true });
    this.#onWelcomed();
  }

  /** The chosen page; the overview when this version has no such page. */
  get #startPage(): string {
    const { startPage } = this.#parts.preferences.state.value;
    return this.#parts.router.knows(startPage) ? startPage : "/";
  }
}

/** Whether the address was entered or followed: a reload, or going back, means that very page. */
function isFreshVisit(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "navigate";
}
