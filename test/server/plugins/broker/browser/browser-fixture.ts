import { chmodSync, readdirSync } from "node:fs";
import { type Clock, systemClock } from "../../../../../server/lib/clock.ts";
import { Outbound } from "../../../../../server/outbound/outbound.ts";
import type { Resolver } from "../../../../../server/outbound/resolver.ts";
import { processesOf } from "../../../../../server/plugins/broker/browser/browser-processes.ts";
import { PluginBrowsers } from "../../../../../server/plugins/broker/browser/browsers.ts";
import { type BrowserDisplay, findDisplay } from "../../../../../server/plugins/broker/browser/display.ts";
import {
  type BrowserLease,
  IdentityPool,
} from "../../../../../server/plugins/broker/browser/identity-pool.ts";
import { TempFolder } from "../../../../support/temp-folder.ts";
import { TableResolver } from "../../../outbound/local-servers.ts";

const POLL_LIMIT = 400;
/** As the folder of temporary files: everybody may make something, and remove their own. */
const LIKE_TMP = 0o1777;

/** Keeps in mind which users it gave. */
class KnownUsers extends IdentityPool {
  readonly uids: number[] = [];

  override take(): BrowserLease {
    const lease = super.take();
    if (lease.identity) this.uids.push(lease.identity.uid);
    return lease;
  }
}

export interface FixtureOptions {
  hosts: readonly string[];
  privateHosts?: readonly string[];
  ownNetwork?: boolean;
  resolver?: Resolver;
  proxy?: string;
  clock?: Clock;
  chromium?: () => string;
  display?: () => BrowserDisplay;
}

/** A plugin's real browser with one page open; everything that was refused is kept. */
export class BrowserFixture implements AsyncDisposable {
  readonly denied: string[] = [];
  readonly browsers: PluginBrowsers;
  readonly #users = new KnownUsers(process.getuid?.() === 0);
  readonly #folder = new TempFolder();
  readonly #signal = new AbortController().signal;
  session = "";

  private constructor({
    hosts,
    privateHosts = [],
    ownNetwork = true,
    resolver,
    clock = systemClock,
    chromium,
    display = () => findDisplay({}),
  }: FixtureOptions) {
    chmodSync(this.#folder.path, LIKE_TMP);
    this.browsers = new PluginBrowsers({
      clock,
      outbound: new Outbound({ clock: systemClock, resolver: resolver ?? new TableResolver({}) }),
      reach: { hosts, privateHosts },
      onDenied: (what) => this.denied.push(what),
      ownNetwork,
      display,
      identities: this.#users,
      profilesIn: this.#folder.path,
      ...(chromium ? { chromium } : {}),
    });
  }

  static async open(options: FixtureOptions): Promise<BrowserFixture> {
    const fixture = new BrowserFixture(options);
    await fixture.openSession(options.proxy);
    return fixture;
  }

  /** One with none open yet. */
  static of(options: FixtureOptions): BrowserFixture {
    return new BrowserFixture(options);
  }

  /** One whose browser is what `chromium` says; none is open. */
  static without(chromium: () => string): BrowserFixture {
    return new BrowserFixture({ hosts: ["example.com"], chromium });
  }

  async openSession(proxy?: string, visible = false): Promise<string> {
    const options = { visible, ...(proxy === undefined ? {} : { proxy }) };
    const answer = await this.browsers.serve("browser.open", options, this.#signal);
    this.session = (answer as { session: string }).session;
    return this.session;
  }

  command(method: string, params: object = {}): Promise<unknown> {
    return this.browsers.serve("browser.command", { session: this.session, method, params }, this.#signal);
  }

  close(): Promise<unknown> {
    return this.browsers.serve("browser.close", { session: this.session }, this.#signal);
  }

  /** The value of an expression in the page; promises are awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.command("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    return (answer as { result: { value?: unknown } }).result.value;
  }

  /** Opens a page and waits until it is loaded. */
  async visit(url: string): Promise<void> {
    await this.command("Page.navigate", { url });
    await this.until("document.readyState === 'complete' && location.href !== 'about:blank'");
  }

  /** Asks the page again until the expression holds. */
  async until(expression: string): Promise<void> {
    for (let asked = 0; asked < POLL_LIMIT; asked++) {
      const isSo = await this.evaluate(
        `new Promise((yes) => setTimeout(() => yes(Boolean(${expression})), 10))`,
      ).catch(() => false);
      if (isSo) return;
    }
    throw new Error(`It never came to ${expression}`);
  }

  /** Where the profiles lie. */
  get folder(): string {
    return this.#folder.path;
  }

  /** Profiles on disk. */
  get profiles(): string[] {
    return readdirSync(this.#folder.path).filter((name) => name.startsWith("binnacle-browser-"));
  }

  /** Users that its browsers have or had; none when the test does not run as root. */
  get uids(): readonly number[] {
    return this.#users.uids;
  }

  /** Ids of living processes of those users. */
  get processes(): number[] {
    return this.uids.flatMap((uid) => processesOf({ uid, group: 0 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browsers.close();
    this.#folder[Symbol.dispose]();
  }
}
