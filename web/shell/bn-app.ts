import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import "../components/bn-error.ts";
import type { Parts } from "../compose.ts";
import { BROWSER_CLOCK } from "../lib/clock.ts";
import { formatDuration } from "../lib/format.ts";
import { Retry } from "../lib/retry.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import { appStyles } from "./app-styles.ts";
import { accountMenu } from "./commands.ts";
import { Entrance } from "./entrance.ts";
import { showAlarmInFavicon } from "./favicon.ts";
import { keepFolded, wasFolded } from "./folding.ts";
import { PageOutlet } from "./page-outlet.ts";
import { ShellCommands } from "./shell-commands.ts";
import { isTypingTarget, ShortcutReader } from "./shortcuts.ts";
import { adoptTime, showFirstMinutes, timeSuffix, writeTime } from "./time-address.ts";
import "./bn-navigation.ts";
import "./bn-search.ts";
import "./bn-shortcuts.ts";
import "./bn-toasts.ts";
import "./bn-top-bar.ts";

/** The shell: joins navigation, top bar, page, search and messages, and follows what changes around them. */
@customElement("bn-app")
export class BnApp extends LitElement {
  static override styles = [baseStyles, controlStyles, appStyles];

  @state() private shown: { parts: Parts; commands: ShellCommands; entrance: Entrance } | undefined;
  @state() private isFolded = false;
  /** What the page that is open calls itself; undefined for those that go by their route. */
  @state() private heading: string | undefined;
  #headedPath = "";
  /** Of who is there, while the server cannot be reached. */
  readonly #retry = new Retry(BROWSER_CLOCK.after);
  readonly #outlet = new PageOutlet(this);
  readonly #shortcuts = new ShortcutReader();

  /** Takes the composed parts, finds out who is there, and shows the page of the address. */
  async start(parts: Parts): Promise<void> {
    const commands = new ShellCommands(parts, {
      search: () => void this.renderRoot.querySelector("bn-search")?.open(),
      fold: () => this.#fold(),
      help: () => void this.renderRoot.querySelector("bn-shortcuts")?.open(),
    });
    this.shown = { parts, commands, entrance: new Entrance(parts, () => this.#settle()) };
    this.isFolded = wasFolded();
    this.#listen(parts);
    this.#watch(parts);
    adoptTime(parts);
    await parts.session.refresh();
    this.#settle();
  }

  #listen({ router }: Parts): void {
    addEventListener("popstate", () => router.reread());
    addEventListener("hashchange", () => router.reread());
    document.addEventListener("click", (event) => this.#followLink(event));
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #watch(parts: Parts): void {
    const { session, router, live, time, attention, alertWatch, version, theme } = parts;
    session.state.subscribe(({ kind }) => {
      if (kind === "unreachable") this.#retry.later(() => void session.refresh());
      this.#settle();
    });
    this.#headedPath = router.location.value.path;
    router.location.subscribe(({ path }) => {
      if (path !== this.#headedPath) this.heading = undefined;
      this.#headedPath = path;
      adoptTime(parts);
      this.#settle();
    });
    time.state.subscribe(() => writeTime(parts));
    attention.items.subscribe((items) => {
      const isAlarming = items.some((item) => item.severity === "alarm");
      showAlarmInFavicon(isAlarming, document);
    });
    alertWatch.open.subscribe(() => this.requestUpdate());
    version.system.subscribe((system) => {
      attention.cores = system?.cores;
      attention.look();
      this.requestUpdate();
    });
    const stopGreeting = version.system.subscribe(() => {
      stopGreeting();
      void showFirstMinutes(parts);
    });
    version.isOutdated.subscribe(() => this.#offerReload(parts));
    theme.theme.subscribe(() => this.requestUpdate());
    // A socket that cannot open may mean that the session ended meanwhile: ask.
    live.state.subscribe(({ phase, attempt }) => {
      if (phase === "lost" && attempt === 2) void session.refresh();
    });
  }

  /** Shows the page of the address to whoever may see it. */
  #settle(): void {
    if (this.shown?.entrance.admit() !== true) return;
    this.#outlet.open(this.shown.parts.router.location.value.route, this.heading);
    this.requestUpdate();
  }

  #takeHeading({ detail }: CustomEvent<string>): void {
    this.heading = detail;
    this.#settle();
  }

  #followLink(event: MouseEvent): void {
    const router = this.shown?.parts.router;
    const href = router?.hrefOfClick(event);
    if (href === undefined) return;
    event.preventDefault();
    router?.navigate(href);
    scrollTo({ top: 0 });
  }

  #onKey(event: KeyboardEvent): void {
    if (this.shown?.parts.session.state.value.kind !== "signed-in") return;
    const command = this.#shortcuts.read(event, isTypingTarget(event.composedPath()), Date.now());
    if (command === undefined) return;
    event.preventDefault();
    this.shown.commands.run(command);
  }

  #fold(): void {
    this.isFolded = !this.isFolded;
    keepFolded(this.isFolded);
  }

  #offerReload({ toasts }: Parts): void {
    toasts.say("Binnacle was updated. Reload to use the new dashboard.", "info", {
      label: "Reload",
      run: () => location.reload(),
    });
  }

  protected override render(): unknown {
    if (this.shown === undefined) return nothing;
    const { parts, commands } = this.shown;
    const who = parts.session.state.value;
    if (who.kind === "unknown")
      return html`<main class="alone"><p class="waiting" role="status">Waiting for the server</p></main>`;
    if (who.kind === "unreachable")
      return html`<main class="alone">
        <div class="panel">
          <bn-error .problem=${who.problem} can-retry @retry=${() => this.#retry.now()}></bn-error>
        </div>
      </main>`;
    const content = this.#outlet.render(parts, parts.router.location.value);
    const toasts = html`<bn-toasts .toasts=${parts.toasts}></bn-toasts>`;
    if ((parts.router.location.value.route?.audience ?? "member") !== "member")
      return html`<main class="alone">${content}</main>${toasts}`;
    return html`${this.#frame(parts, commands, content)}${toasts}`;
  }

  #frame(parts: Parts, commands: ShellCommands, content: TemplateResult): TemplateResult {
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
          .openAlerts=${parts.alertWatch.open.value}
          ?collapsed=${this.isFolded}
          who=${who.kind === "signed-in" ? who.user.name : ""}
          .menu=${accountMenu(parts, commands)}
          @collapse=${() => this.#fold()}
        ></bn-navigation>
        <div class="side">
          <bn-top-bar
            heading=${this.heading ?? route?.title ?? "Not found"}
            context=${this.#context(parts)}
            ?timed=${route?.hasTime === true}
            .connection=${parts.connection}
            .live=${parts.live}
            .time=${parts.time}
            .user=${who.kind === "signed-in" ? who.user : undefined}
            .menu=${accountMenu(parts, commands)}
            @search=${() => commands.run("search")}
          ></bn-top-bar>
          <main id="main" tabindex="-1" @page-heading=${this.#takeHeading}>${content}</main>
        </div>
      </div>
      <bn-search .parts=${parts} .runner=${commands}></bn-search>
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

declare global {
  interface HTMLElementTagNameMap {
    "bn-app": BnApp;
  }
}
