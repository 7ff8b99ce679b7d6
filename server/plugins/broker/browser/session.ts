import { chmodSync, chownSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../../errors/app-error.ts";
import type { Clock, TimerHandle } from "../../../lib/clock.ts";
import type { Outbound } from "../../../outbound/outbound.ts";
import type { OutboundPolicy } from "../../../outbound/policy.ts";
import { allowedParameters } from "./commands.ts";
import { type BrowserEvent, DevtoolsPipe } from "./devtools-pipe.ts";
import type { BrowserDisplay } from "./display.ts";
import { FilteringProxy } from "./filtering-proxy.ts";
import { AUTHORITY_FILE, type BrowserIdentity, type LaunchedBrowser, launchBrowser } from "./launcher.ts";
import { pageAddress } from "./reach.ts";
import { removeProfile } from "./remove-profile.ts";
import { assertTyping } from "./typing.ts";

const START_TIMEOUT_MS = 20_000;
const COMMAND_TIMEOUT_MS = 30_000;
/** A browser that is forgotten ends by itself. */
const MAX_SESSION_MS = 15 * 60_000;
const MAX_IDLE_MS = 2 * 60_000;
/** A page of ordinary size takes a tenth of this. */
const MAX_MEMORY_BYTES = 1_024 * 1_024 * 1_024;
const MEMORY_LOOK_MS = 2_000;
/** One frame of the plugin's channel holds the result. */
const MAX_RESULT_BYTES = 3 * 1_024 * 1_024;
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** What a page of the allowed hosts can be made of; another scheme in any frame means that a wall was passed. */
const PAGE_SCHEME = /^(?:https?|about|blob|data|chrome-error):/i;

/** What a session is made of. */
export interface SessionParts {
  clock: Clock;
  outbound: Outbound;
  policy: OutboundPolicy;
  chromium: string;
  identity: BrowserIdentity | undefined;
  /** Folder that its user can pass through. */
  profilesIn: string;
  /** False leaves the browser in the machine's network, behind the proxy alone: for servers that are not root. */
  ownNetwork: boolean;
  width: number;
  height: number;
  /** Where it is seen; headless without one. */
  display?: BrowserDisplay | undefined;
  /** Told of each place that was refused. */
  onRefused: (place: string) => void;
  /** Told once, when no process and no file of it is left. */
  onGone: () => void;
}

/** One browser with one page, in a profile that is removed at the end. */
export class BrowserSession {
  readonly #parts: SessionParts;
  readonly #profile: string;
  #proxy: FilteringProxy | undefined;
  #browser: LaunchedBrowser | undefined;
  #devtools: DevtoolsPipe | undefined;
  #page = { targetId: "", sessionId: "" };
  #lifetime: TimerHandle | undefined;
  #idle: TimerHandle | undefined;
  #memory: TimerHandle | undefined;
  #endReason: string | undefined;
  #ending: Promise<string> | undefined;

  private constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#profile = mkdtempSync(join(parts.profilesIn, "binnacle-browser-"));
    chmodSync(this.#profile, PRIVATE_FOLDER);
  }

  /** @throws AppError `browser_unavailable` with the browser's last words when it does not start */
  static async open(parts: SessionParts): Promise<BrowserSession> {
    const session = new BrowserSession(parts);
    try {
      await session.#start();
      return session;
    } catch (cause) {
      const words = await session.close();
      const reason = words.trim().split("\n").at(-1) ?? "";
      throw new AppError("browser_unavailable", `The browser did not start${reason ? `: ${reason}` : ""}.`, {
        cause,
      });
    }
  }

  /** Process id of the launcher. */
  get pid(): number | undefined {
    return this.#browser?.pid;
  }

  /**
   * Sends a listed command to the page.
   * @throws AppError `permission_denied`, `invalid_request`, `timed_out`, `cancelled` when the browser has gone
   */
  async command(method: string, params: unknown): Promise<unknown> {
    const kept = allowedParameters(method, params);
    if (this.#parts.display) assertTyping(method, kept);
    if (method === "Page.navigate") kept.url = pageAddress(kept.url, this.#parts.policy);
    const devtools = this.#devtools;
    if (!devtools || this.#endReason !== undefined) {
      throw new AppError("cancelled", this.#endReason ?? "The browser has ended.");
    }
    this.#watchIdleness();
    const result = await devtools.send(method, kept, this.#page.sessionId, COMMAND_TIMEOUT_MS);
    if (Buffer.byteLength(JSON.stringify(result)) > MAX_RESULT_BYTES) {
      throw new AppError(
        "invalid_request",
        `The answer of ${method} is larger than ${MAX_RESULT_BYTES} bytes; ask for less.`,
      );
    }
    return result;
  }

  /** Ends the browser and removes its profile; settles with its last words. Can be called again. */
  close(): Promise<string> {
    return this.#end("The browser was closed.");
  }

  async #start(): Promise<void> {
    const { clock, outbound, policy, chromium, identity, ownNetwork, width, height, display, onRefused } =
      this.#parts;
    const proxySocket = join(this.#profile, "way-out");
    const onExhausted = (): void => this.#endLater("The browser has moved more bytes than it may.");
    this.#proxy = await FilteringProxy.listen(proxySocket, { outbound, policy, onRefused, onExhausted });
    const owned = [proxySocket, this.#profile];
    if (display) {
      const authority = join(this.#profile, AUTHORITY_FILE);
      writeFileSync(authority, display.authority, { mode: PRIVATE_FILE });
      owned.push(authority);
    }
    if (identity) for (const path of owned) chownSync(path, identity.uid, identity.gid);
    const launched = launchBrowser({
      chromium,
      profile: this.#profile,
      proxySocket,
      ownNetwork: identity !== undefined && ownNetwork,
      width,
      height,
      ...(display ? { display: display.name } : {}),
      ...(identity ? { identity } : {}),
    });
    this.#browser = launched;
    this.#devtools = new DevtoolsPipe({
      clock,
      toBrowserFd: launched.toBrowserFd,
      fromBrowserFd: launched.fromBrowserFd,
      onEvent: (event) => this.#hear(event),
      onClose: () => this.#endLater("The browser has ended."),
    });
    await this.#openPage(this.#devtools);
    this.#lifetime = clock.after(MAX_SESSION_MS, () => this.#endLater("The browser was open for too long."));
    this.#watchIdleness();
    this.#watchMemory();
  }

  /** A page in a context that keeps nothing on disk. */
  async #openPage(devtools: DevtoolsPipe): Promise<void> {
    const ask = (method: string, params: object, sessionId?: string) =>
      devtools.send(method, params, sessionId, START_TIMEOUT_MS);
    const { browserContextId } = await ask("Target.createBrowserContext", { disposeOnDetach: true });
    await ask("Browser.setDownloadBehavior", { behavior: "deny", browserContextId });
    const { targetId } = await ask("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
    this.#page = { targetId: String(targetId), sessionId: String(sessionId) };
    await ask("Target.setDiscoverTargets", { discover: true });
    await ask("Page.enable", {}, this.#page.sessionId);
    // Headers and cookies are only heeded while it is on; no body is kept.
    await ask("Network.enable", { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }, this.#page.sessionId);
    await ask("Page.setInterceptFileChooserDialog", { enabled: true }, this.#page.sessionId);
  }

  #hear({ method, params }: BrowserEvent): void {
    if (method === "Target.targetCreated") this.#closeForeign(params.targetInfo);
    else if (method === "Page.javascriptDialogOpening")
      this.#order("Page.handleJavaScriptDialog", { accept: false });
    else if (method === "Page.frameNavigated") this.#checkFrame(params.frame);
    else if (method === "Target.detachedFromTarget" || method === "Inspector.targetCrashed")
      this.#endLater("The page has crashed.");
  }

  /** Windows that the page opens by itself would be pages without a watcher. */
  #closeForeign(target: unknown): void {
    const { type, targetId } = (target ?? {}) as { type?: unknown; targetId?: unknown };
    if (type !== "page" || targetId === this.#page.targetId) return;
    this.#order("Target.closeTarget", { targetId }, undefined);
  }

  #checkFrame(frame: unknown): void {
    const { url } = (frame ?? {}) as { url?: unknown };
    if (typeof url === "string" && (url === "" || PAGE_SCHEME.test(url))) return;
    this.#parts.onRefused(String(url).slice(0, 200));
    this.#endLater("The page left the addresses that it may open.");
  }

  /** An order of ours that nothing waits for; a page that is gone has nothing to be ordered. */
  #order(method: string, params: object, sessionId: string | undefined = this.#page.sessionId): void {
    this.#devtools?.send(method, params, sessionId, COMMAND_TIMEOUT_MS).catch(() => undefined);
  }

  #watchIdleness(): void {
    this.#idle?.cancel();
    this.#idle = this.#parts.clock.after(MAX_IDLE_MS, () =>
      this.#endLater("The browser had nothing to do for too long."),
    );
  }

  #watchMemory(): void {
    this.#memory = this.#parts.clock.after(MEMORY_LOOK_MS, () => {
      if ((this.#browser?.memoryBytes() ?? 0) > MAX_MEMORY_BYTES) {
        this.#endLater("The browser used more memory than it may.");
      } else this.#watchMemory();
    });
  }

  /** For what happens by itself: `close` hears of a failure. */
  #endLater(reason: string): void {
    this.#end(reason).catch(() => undefined);
  }

  #end(reason: string): Promise<string> {
    this.#endReason ??= reason;
    // Taking down is told of as an end itself: it begins once this is set.
    this.#ending ??= Promise.resolve().then(() => this.#takeDown());
    return this.#ending;
  }

  async #takeDown(): Promise<string> {
    for (const timer of [this.#idle, this.#lifetime, this.#memory]) timer?.cancel();
    this.#browser?.kill();
    this.#devtools?.close();
    this.#proxy?.close();
    const words = (await this.#browser?.ended()) ?? "";
    await removeProfile(this.#profile);
    this.#parts.onGone();
    return words;
  }
}
