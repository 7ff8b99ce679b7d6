import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { atEnd } from "./at-end.ts";
import { ensureChromium } from "./chromium.ts";

/** Chromium needs neither a GPU nor its own sandbox in a test container. */
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"];
const AXE_FILE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WAIT_LIMIT_MS = 15_000;

export type Theme = "light" | "dark";
const OTHER: Record<Theme, Theme> = { light: "dark", dark: "light" };
/** The rules of axe-core that a change of colours alone can break. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** One finding of axe-core, as short as it can be understood. */
export interface AccessibilityFinding {
  rule: string;
  impact: string;
  elements: string[];
}

/** One browser serves the whole run: its start takes longer than many a test. */
let browser: Promise<Browser> | undefined;

async function launch(): Promise<Browser> {
  const launched = await chromium.launch({ executablePath: await ensureChromium(), args: ARGUMENTS });
  atEnd(() => launched.close());
  return launched;
}

/** What is wrong with how a page looks. */
export interface LookFaults {
  inaccessible: AccessibilityFinding[];
  /** By how much it is wider than the window. */
  overflowPx: number;
  /** Its background follows the theme. */
  isThemed: boolean;
  /** As {@link Visitor.takeErrors}. */
  errors: string[];
}

export const FAULTLESS: LookFaults = { inaccessible: [], overflowPx: 0, isThemed: true, errors: [] };

/** Sizes of window that every page must suit, and the theme each is visited in first. */
export const WINDOWS = {
  desktop: { width: 1_440, height: 900, theme: "dark" },
  phone: { width: 390, height: 844, theme: "light" },
} as const;

/** A visitor with a browser profile of their own: nothing is kept from one to the next. */
export class Visitor implements AsyncDisposable {
  readonly page: Page;
  /** What went wrong in the page: console errors, uncaught exceptions, failed loads. */
  readonly errors: string[] = [];
  /** Requests that left for another host than the server's. */
  readonly foreignRequests: string[] = [];
  readonly #context: BrowserContext;
  #theme: Theme;

  private constructor(context: BrowserContext, page: Page, theme: Theme, origin: string) {
    this.#context = context;
    this.page = page;
    this.#theme = theme;
    this.#watch(origin);
  }

  /** Opens a window that visits the server at `origin`. */
  static async arrive(
    origin: string,
    options: { theme?: Theme; width?: number; height?: number; scale?: number } = {},
  ): Promise<Visitor> {
    const { theme = "dark", width = 1_440, height = 900, scale = 1 } = options;
    browser ??= launch();
    const context = await (await browser).newContext({
      baseURL: origin,
      colorScheme: theme,
      viewport: { width, height },
      deviceScaleFactor: scale,
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(WAIT_LIMIT_MS);
    return new Visitor(context, await context.newPage(), theme, origin);
  }

  async setTheme(theme: Theme): Promise<void> {
    this.#theme = theme;
    await this.page.emulateMedia({ colorScheme: theme });
  }

  /**
   * What axe-core finds on the page as it is, shadow roots included; WCAG 2.2 AA and its best practices.
   * @param rules only these
   */
  async findInaccessible(rules?: string[]): Promise<AccessibilityFinding[]> {
    // Through the debugger, not a script element: the page's own policy forbids that, and must.
    if (!(await this.page.evaluate(() => "axe" in globalThis)))
      await this.page.evaluate(await Bun.file(AXE_FILE).text());
    return this.page.evaluate(async (only) => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
      const { violations } = await axe.run(document, {
        resultTypes: ["violations"],
        ...(only ? { runOnly: { type: "rule", values: only } } : {}),
      });
      return violations.map(({ id, impact, nodes }) => ({
        rule: id,
        impact: impact ?? "unknown",
        elements: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
      }));
    }, rules);
  }

  /**
   * What is wrong with the looks of the page as it is: what axe-core finds, and again of its colours in the other theme
   * (which nothing else depends on); what is wider than the window; what went wrong meanwhile.
   */
  async findFaults(): Promise<LookFaults> {
    const inaccessible = await this.findInaccessible();
    const [shown, other] = [this.#theme, OTHER[this.#theme]];
    const before = await this.#background();
    await this.setTheme(other);
    const isThemed = (await this.#background()) !== before;
    inaccessible.push(...(await this.findInaccessible(COLOUR_RULES)));
    await this.setTheme(shown);
    return { inaccessible, overflowPx: await this.#overflow(), isThemed, errors: this.takeErrors() };
  }

  /** Says what went wrong since the last time, and forgets it. */
  takeErrors(): string[] {
    return this.errors.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }

  #background(): Promise<string> {
    return this.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  }

  /** By how much the page is wider than the window. */
  #overflow(): Promise<number> {
    return this.page.evaluate(() =>
      Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
    );
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
