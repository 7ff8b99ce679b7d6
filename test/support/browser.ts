import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { ensureChromium } from "./chromium.ts";

/** Chromium needs neither a GPU nor its own sandbox in a test container. */
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"];
const AXE_FILE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WAIT_LIMIT_MS = 15_000;

export type Theme = "light" | "dark";

/** One finding of axe-core, as short as it can be understood. */
export interface AccessibilityFinding {
  rule: string;
  impact: string;
  elements: string[];
}

/** A visitor with a browser of their own: nothing is kept from one to the next. */
export class Visitor implements AsyncDisposable {
  readonly page: Page;
  /** What went wrong in the page: console errors, uncaught exceptions, failed loads. */
  readonly errors: string[] = [];
  /** Requests that left for another host than the server's. */
  readonly foreignRequests: string[] = [];
  readonly #browser: Browser;
  readonly #context: BrowserContext;

  private constructor(browser: Browser, context: BrowserContext, page: Page, origin: string) {
    this.#browser = browser;
    this.#context = context;
    this.page = page;
    this.#watch(origin);
  }

  /** Opens a browser that visits the server at `origin`. */
  static async arrive(
    origin: string,
    options: { theme?: Theme; width?: number; height?: number; scale?: number } = {},
  ): Promise<Visitor> {
    const { theme = "dark", width = 1_440, height = 900, scale = 1 } = options;
    const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ARGUMENTS });
    const context = await browser.newContext({
      baseURL: origin,
      colorScheme: theme,
      viewport: { width, height },
      deviceScaleFactor: scale,
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(WAIT_LIMIT_MS);
    return new Visitor(browser, context, await context.newPage(), origin);
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme });
  }

  /** What axe-core finds on the page as it is, shadow roots included; WCAG 2.2 AA and its best practices. */
  async findInaccessible(): Promise<AccessibilityFinding[]> {
    const source = await Bun.file(AXE_FILE).text();
    // Through the debugger, not a script element: the page's own policy forbids that, and must.
    await this.page.evaluate(source);
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
      const { violations } = await axe.run(document, { resultTypes: ["violations"] });
      return violations.map(({ id, impact, nodes }) => ({
        rule: id,
        impact: impact ?? "unknown",
        elements: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
      }));
    });
  }

  /** Says what went wrong since the last time, and forgets it. */
  takeErrors(): string[] {
    return this.errors.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await this.#browser.close();
  }

  #watch(origin: string): void {
    this.page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.errors.push(message.text());
    });
    this.page.on("pageerror", (error) => this.errors.push(error.stack ?? error.message));
    this.page.on("request", (request) => {
      const url = new URL(request.url());
      const isOwn = url.host === new URL(origin).host || ["data:", "blob:"].includes(url.protocol);
      if (!isOwn) this.foreignRequests.push(request.url());
    });
  }
}
