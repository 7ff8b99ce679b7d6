import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import "../components/bn-error.ts";
import type { Parts } from "../compose.ts";
import { ANONYMOUS_ID } from "../data/session.ts";
import { formatDuration } from "../lib/format.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import { appStyles } from "./app-styles.ts";
import { accountMenu, type CommandRunner, commandEntries } from "./commands.ts";
import { showAlarmInFavicon } from "./favicon.ts";
import { keepFolded, wasFolded } from "./folding.ts";
import { PageOutlet } from "./page-outlet.ts";
import type { PaletteEntry } from "./palette-entries.ts";
import { alertEntries, pageEntries, pluginEntries, seriesEntries, userEntries } from "./palette-entries.ts";
import { safeNext } from "./router.ts";
import { isTypingTarget, type ShortcutCommand, ShortcutReader } from "./shortcuts.ts";
import { adoptTime, showFirstMinutes, timeSuffix, writeTime } from "./time-address.ts";
import "./bn-navigation.ts";
import "./bn-palette.ts";
import "./bn-shortcuts.ts";
import "./bn-toasts.ts";
import "./bn-top-bar.ts";

/** The shell: decides who sees what, and joins navigation, top bar, page, palette and messages. */
@customElement("bn-app")
export class BnApp extends LitElement {
  static override styles = [baseStyles, controlStyles, appStyles];

  @state() private parts: Parts | undefined;
  @state() private isFolded = false;
  @state() private paletteEntries: readonly PaletteEntry[] = [];
  /** What the page that is open calls itself; undefined for those that go by their route. */
  @state() private heading: string | undefined;
  #headedPath = "";
  readonly #outlet = new PageOutlet(this);
  readonly #shortcuts = new ShortcutReader();
  #isAskedForUsers = false;
  #welcomedId: string | undefined;
  #isWelcoming = false;
  readonly #runner: CommandRunner = {
    run: (command) => this.#run(command),
    signOut: () => void this.#signOut(),
  };

  /** Takes the composed parts, finds out who is there, and shows the page of the address. */
  async start(parts: Parts): Promise<void> {
    this.parts = parts;
    this.isFolded = wasFolded();
    this.#listen(parts);
    adoptTime(parts);
    await parts.session.refresh();
    this.#settle();
  }

  #listen(parts: Parts): void {
    const { session, router, live, time, attention, version, theme } = parts;
    addEventListener("popstate", () => router.reread());
    addEventListener("hashchange", () => router.reread());
    addEventListener("online", () => live.retryNow());
    document.addEventListener("click", (event) => this.#followLink(event));
    document.addEventListener("keydown", (event) => this.#onKey(event));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") live.retryNow();
    });
    session.state.subscribe(() => this.#settle());
    router.location.subscribe(({ path }) => {
      if (path !== this.#headedPath) this.heading = undefined;
      this.#headedPath = path;
      adoptTime(parts);
      this.#settle();
    });
    time.state.subscribe(() => writeTime(parts));
    attention.items.subscribe((items) => {
      showAlarmInFavicon(
        items.some((item) => item.severity === "alarm"),
        document,
      );
      this.requestUpdate();
    });
    version.system.subscribe((system) => {
      attention.cores = system?.cores;
      attention.look();
      this.requestUpdate();
    });
    const stopGreeting = version.system.subscribe(() => {
      stopGreeting();
      void showFirstMinutes(parts);
    });
    version.isOutdated.subscribe(() => this.#offerReload());
    theme.theme.subscribe(() => this.requestUpdate());
    // A socket that cannot open may mean that the session ended meanwhile: ask.
    live.state.subscribe(({ phase, attempt }) => {
      if (phase === "lost" && attempt === 2) void session.refresh();
    });
  }

  /** Somebody has entered: what they chose for themselves counts before anything is drawn. */
  async #welcome(parts: Parts, userId: string): Promise<void> {
    const { preferences, router } = parts;
    this.#welcomedId = userId;
    this.#isWelcoming = true;
    await preferences.enter(userId);
    this.#isWelcoming = false;
    if (isFreshVisit() && router.isAtRoot) router.navigate(this.#startPage(parts), { replace: true });
    this.#settle();
  }

  #isNew(userId: string): boolean {
    return userId !== ANONYMOUS_ID && userId !== this.#welcomedId;
  }

  /** The chosen page; the overview when this version has no such page. */
  #startPage({ preferences, router }: Parts): string {
    const { startPage } = preferences.state.value;
    return router.knows(startPage) ? startPage : "/";
  }

  /** Brings page and connections in line with the address and the session. */
  #settle(): void {
    const { parts } = this;
    if (parts === undefined) return;
    const { session, router, live, version } = parts;
    const who = session.state.value;
    if (who.kind === "signed-in" && this.#isNew(who.user.id)) void this.#welcome(parts, who.user.id);
    if (this.#isWelcoming) return;
    const { route, path, query } = router.location.value;
    if (who.kind === "signed-in") {
      live.start();
      if (version.system.value === undefined) void version.refresh();
      if (route?.audience === "guest" && who.user.id !== ANONYMOUS_ID) {
        router.navigate(safeNext(query.get("next"), this.#startPage(parts)), { replace: true });
        return;
      }
    } else if (who.kind === "guest") {
      live.stop();
      this.#welcomedId = undefined;
      if (route === undefined || route.audience === "member") {
        const next = path === "/" ? "" : `?next=${encodeURIComponent(location.pathname + location.search)}`;
        router.navigate(`/sign-in${next}`, { replace: true });
        return;
      }
    }
    this.#outlet.open(route, this.heading);
    this.requestUpdate();
  }

  #takeHeading({ detail }: CustomEvent<string>): void {
    this.heading = detail;
    this.#settle();
  }

  #followLink(event: MouseEvent): void {
    const href = this.parts?.router.hrefOfClick(event);
    if (href === undefined) return;
    event.preventDefault();
    this.parts?.router.navigate(href);
    scrollTo({ top: 0 });
  }

  #onKey(event: KeyboardEvent): void {
    if (this.parts?.session.state.value.kind !== "signed-in") return;
    const command = this.#shortcuts.read(event, isTypingTarget(event.composedPath()), Date.now());
    if (command === undefined) return;
    event.preventDefault();
    this.#run(command);
  }

  #run(command: ShortcutCommand): void {
    const { parts } = this;
    if (parts === undefined) return;
    const go = (href: string) => () => parts.router.navigate(href);
    const commands: Record<ShortcutCommand, () => void> = {
      search: () => void this.#openPalette(),
      overview: go(`/${timeSuffix(parts)}`),
      metrics: go(`/metrics${timeSuffix(parts)}`),
      logs: go(`/logs${timeSuffix(parts)}`),
      plugins: go("/plugins"),
      users: go("/users"),
      account: go("/account"),
      pause: () => parts.time.togglePause(),
      theme: () => void this.#nextTheme(parts),
      fold: () => this.#fold(),
      help: () => void this.renderRoot.querySelector("bn-shortcuts")?.open(),
    };
    commands[command]();
  }

  async #nextTheme({ theme, preferences, toasts }: Parts): Promise<void> {
    const { next } = theme;
    toasts.say(`Theme: ${next}`, "info");
    try {
      await preferences.change({ theme: next });
    } catch (error) {
      toasts.sayFailure(error);
    }
  }

  #fold(): void {
    this.isFolded = !this.isFolded;
    keepFolded(this.isFolded);
  }

  #offerReload(): void {
    this.parts?.toasts.say("Binnacle was updated. Reload to use the new dashboard.", "info", {
      label: "Reload",
      run: () => location.reload(),
    });
  }

  async #openPalette(): Promise<void> {
    const { parts } = this;
    if (parts === undefined) return;
    const { session, live } = parts;
    this.paletteEntries = [
      ...pageEntries(session),
      ...commandEntries(parts, this.#runner),
      ...alertEntries(parts.alertWatch.open.value ?? []),
      ...pluginEntries(parts.pluginWatch.plugins.value ?? []),
      ...seriesEntries(live.series.value.values()),
    ];
    await this.renderRoot.querySelector("bn-palette")?.open();
    if (!session.can("users:read") || this.#isAskedForUsers) return;
    this.#isAskedForUsers = true;
    try {
      const users = await parts.people.users();
      this.paletteEntries = [...this.paletteEntries, ...userEntries(users)];
    } catch (error) {
      parts.toasts.sayFailure(error);
    } finally {
      this.#isAskedForUsers = false;
    }
  }

  #choose(event: CustomEvent<PaletteEntry>): void {
    const { target } = event.detail;
    if (typeof target === "function") target();
    else if (NEW_TAB.has(target)) open(target, "_blank", "noopener");
    else this.parts?.router.navigate(target);
  }

  async #signOut(): Promise<void> {
    const { parts } = this;
    if (parts === undefined) return;
    const who = parts.session.state.value;
    if (who.kind === "signed-in" && who.user.id === ANONYMOUS_ID) {
      parts.router.navigate("/sign-in");
      return;
    }
    try {
      const elsewhere = await parts.session.signOut();
      if (elsewhere !== undefined) globalThis.location.assign(elsewhere);
    } catch (error) {
      this.parts?.toasts.sayFailure(error);
    }
  }

  protected override render(): unknown {
    const { parts } = this;
    if (parts === undefined) return nothing;
    const who = parts.session.state.value;
    if (who.kind === "unknown") return nothing;
    if (who.kind === "unreachable")
      return html`<main class="alone">
        <div class="panel">
          <bn-error .problem=${who.problem} can-retry @retry=${() => void parts.session.refresh()}></bn-error>
        </div>
      </main>`;
    const content = this.#outlet.render(parts, parts.router.location.value);
    const toasts = html`<bn-toasts .toasts=${parts.toasts}></bn-toasts>`;
    if ((parts.router.location.value.route?.audience ?? "member") !== "member")
      return html`<main class="alone">${content}</main>${toasts}`;
    return html`${this.#frame(parts, content)}${toasts}`;
  }

  #frame(parts: Parts, content: TemplateResult): TemplateResult {
    const { route, path } = parts.router.location.value;
    const who = parts.session.state.value;
    return html`
      <nav aria-label="Skip">
        <a class="skip button" href="#main" @click=${this.#skipToMain}>Skip to the content</a>
      </nav>
      <div class=${this.isFolded ? "frame folded" : "frame"}>
        <bn-navigation
          .session=${parts.session}
          path=${path}
          suffix=${timeSuffix(parts)}
          .attention=${parts.attention.items.value.length}
          ?alarming=${parts.attention.items.value.some((item) => item.severity === "alarm")}
          ?collapsed=${this.isFolded}
          who=${who.kind === "signed-in" ? who.user.name : ""}
          .menu=${accountMenu(parts, this.#runner)}
          @collapse=${() => this.#fold()}
        ></bn-navigation>
        <div class="side">
          <bn-top-bar
            heading=${this.heading ?? route?.title ?? "Not found"}
            context=${this.#context(parts)}
            ?timed=${route?.hasTime === true}
            .live=${parts.live}
            .time=${parts.time}
            .user=${who.kind === "signed-in" ? who.user : undefined}
            .menu=${accountMenu(parts, this.#runner)}
            @search=${() => void this.#openPalette()}
          ></bn-top-bar>
          <main id="main" tabindex="-1" @page-heading=${this.#takeHeading}>${content}</main>
        </div>
      </div>
      <bn-palette .entries=${this.paletteEntries} @choose=${this.#choose}></bn-palette>
      <bn-shortcuts></bn-shortcuts>
    `;
  }

  #skipToMain(event: Event): void {
    event.preventDefault();
    this.renderRoot.querySelector("main")?.focus();
  }

  #context({ version, live }: Parts): string {
    const system = version.system.value;
    if (system === undefined) return "";
    const upSeconds = (live.now() - Date.parse(system.bootedAt)) / 1000;
    return `${system.hostname} · up ${formatDuration(Math.max(0, upSeconds))}`;
  }
}

/** Whether the address was entered or followed: a reload, or going back, means that very page. */
function isFreshVisit(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "navigate";
}

/** Pages of the server that are not part of the dashboard. */
const NEW_TAB = new Set(["/graphql", "/docs"]);

declare global {
  interface HTMLElementTagNameMap {
    "bn-app": BnApp;
  }
}
