import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AppError } from "../../../../../server/errors/app-error.ts";
import { findDisplay } from "../../../../../server/plugins/broker/browser/display.ts";
import { cookiesOf } from "../../../../../server/plugins/broker/browser/x-authority.ts";
import { ensureChromium } from "../../../../support/chromium.ts";
import { authorityEntry, VirtualDisplay } from "../../../../support/virtual-display.ts";
import { answer, httpServer } from "../../../outbound/local-servers.ts";
import { BrowserFixture } from "./browser-fixture.ts";

const LIMIT_MS = 60_000;
const isRoot = process.getuid?.() === 0;
/** Blue, green, red: a colour that no browser draws by itself. */
const COLOUR = [0x40, 0xfe, 0x17] as const;
const PAGE = "<title>Seen</title><body style='background:#17fe40'><textarea></textarea></body>";
const MANY_PIXELS = 100_000;
const COPY =
  "const area = document.querySelector('textarea'); area.value = 'of another'; area.select(); document.execCommand('copy')";
/** How a page asks for it by itself. */
const READING = [
  "navigator.clipboard.readText().catch(String)",
  "navigator.clipboard.read().then(([item]) => item.getType('text/plain')).then((blob) => blob.text()).catch(String)",
  "document.execCommand('paste') + document.querySelector('textarea').value",
];
const READ_OPTIONS = { userGesture: true, awaitPromise: true, returnByValue: true };
/** All that Chromium takes for pasting, from the clipboard or the selection. */
const PASTING: [string, object][] = [
  ...[
    { modifiers: 2, windowsVirtualKeyCode: 86 },
    { modifiers: 10, windowsVirtualKeyCode: 86 },
    { modifiers: 2, windowsVirtualKeyCode: 65_536 + 86 },
    { modifiers: 8, windowsVirtualKeyCode: 45 },
    { modifiers: 8, windowsVirtualKeyCode: 65_536 + 45 },
    { key: "Paste" },
    { code: "Paste" },
  ].map((keys): [string, object] => ["Input.dispatchKeyEvent", { type: "rawKeyDown", ...keys }]),
  ...["mousePressed", "mouseReleased"].map((type): [string, object] => [
    "Input.dispatchMouseEvent",
    { type, x: 20, y: 20, button: "middle", clickCount: 1 },
  ]),
];

describe("a visible browser", () => {
  let display: VirtualDisplay;
  let site: Awaited<ReturnType<typeof httpServer>>;

  beforeAll(async () => {
    await ensureChromium();
    display = await VirtualDisplay.open();
    site = await httpServer({ "*": answer(PAGE, "Content-Type: text/html\r\n") });
  }, LIMIT_MS);
  afterAll(async () => {
    site.close();
    await display[Symbol.asyncDispose]();
  }, LIMIT_MS);

  const fixture = (environment: Record<string, string>) =>
    BrowserFixture.of({
      hosts: [`127.0.0.1:${site.port}`],
      display: () => findDisplay(environment),
    });

  test(
    "draws its page on the display; it is as confined as one that is not seen, and leaves nothing",
    async () => {
      await using browser = fixture(display.environment);
      await browser.openSession(undefined, true);
      await browser.visit(`http://127.0.0.1:${site.port}/`);
      expect(await browser.evaluate("navigator.userAgent")).not.toContain("Headless");
      let looks = 0;
      while (display.count(COLOUR) < MANY_PIXELS && looks++ < 200) await browser.until("true");
      expect(display.count(COLOUR)).toBeGreaterThan(MANY_PIXELS);
      if (isRoot) expect(browser.processes.length).toBeGreaterThan(1);
      expect(await browser.command("Page.navigate", { url: "http://127.0.0.1:9/" }).catch(codeOf)).toBe(
        "permission_denied",
      );
      await browser.close();
      expect(browser.processes).toEqual([]);
      expect(browser.profiles).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "types, and pastes nothing of what others copied on its display",
    async () => {
      const url = `http://127.0.0.1:${site.port}/`;
      await using other = fixture(display.environment);
      await other.openSession(undefined, true);
      await other.visit(url);
      await other.command("Runtime.evaluate", { expression: COPY, userGesture: true });
      await using browser = fixture(display.environment);
      await browser.openSession(undefined, true);
      await browser.visit(url);
      await browser.evaluate("document.querySelector('textarea').focus()");
      for (const [method, params] of PASTING)
        expect(await browser.command(method, params).catch(codeOf)).toBe("permission_denied");
      for (const expression of READING) {
        const answer = await browser.command("Runtime.evaluate", { ...READ_OPTIONS, expression });
        expect(JSON.stringify(answer)).not.toContain("of another");
      }
      const keys = { type: "keyDown", windowsVirtualKeyCode: 86, key: "V", code: "KeyV", text: "V" };
      await browser.command("Input.dispatchKeyEvent", { ...keys, modifiers: 8 });
      await browser.command("Input.dispatchKeyEvent", {
        type: "keyDown",
        key: "Tab",
        windowsVirtualKeyCode: 9,
      });
      expect(await browser.evaluate("document.querySelector('textarea').value")).toBe("V");
    },
    LIMIT_MS,
  );

  test(
    "does not start on a display that does not let it in, nor beside one that is asked for headless",
    async () => {
      await using browser = fixture({ DISPLAY: display.name, XAUTHORITY: "/nowhere" });
      expect(await browser.openSession(undefined, true).catch(codeOf)).toBe("browser_unavailable");
      await browser.openSession();
      await browser.visit(`http://127.0.0.1:${site.port}/`);
      expect(display.count(COLOUR)).toBe(0);
    },
    LIMIT_MS,
  );
});

describe("the display", () => {
  const refusalOf = (environment: Record<string, string>, isAllowed = true): string => {
    try {
      return findDisplay(environment, isAllowed).name;
    } catch (error) {
      return error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
    }
  };

  test("is the server's own, where its configuration lets browsers be seen", () => {
    expect(refusalOf({ DISPLAY: ":7.0" })).toBe(":7.0");
    expect(refusalOf({ DISPLAY: ":7.0" }, false)).toStartWith(
      "browser_unavailable: This server shows no browser: set plugins.visibleBrowser",
    );
    expect(refusalOf({})).toContain("without DISPLAY");
    expect(refusalOf({ WAYLAND_DISPLAY: "wayland-0" })).toContain("Xwayland");
    expect(refusalOf({ DISPLAY: "other.example:0" })).toContain("a display of this machine");
  });

  test("is opened by its own entries of the Xauthority file; those of others stay out of the browser's sight", () => {
    const [own, other, every] = ["7", "8", ""].map((number) => authorityEntry(Uint8Array.of(1, 2), number));
    const file = Buffer.concat([other, own, every].map((entry) => entry ?? new Uint8Array()));
    expect(cookiesOf(file, "7")).toEqual(
      Buffer.concat([own, every].map((entry) => entry ?? new Uint8Array())),
    );
    expect(cookiesOf(file.subarray(0, file.length - 1), "9").length).toBe(0);
    expect(cookiesOf(new Uint8Array(), "7").length).toBe(0);
  });
});

const codeOf = (thrown: unknown): unknown => (thrown instanceof AppError ? thrown.code : thrown);
