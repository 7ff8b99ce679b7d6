import { inflateSync } from "node:zlib";
import type { BrowserSession, PluginContext } from "../../../plugins/sdk/index.ts";
import type { Family, InsideAttack } from "../attack.ts";
import { COLOUR, PICTURE_PATH } from "../house/picture.ts";
import { Denied } from "../plugin/kit.ts";
import { anyOf } from "./any-of.ts";

const why = "The escape suite tries it";
const TIMEOUT_MS = 30_000;
/** Of a STUN binding: as long as a page of the granted host needs to find out its addresses. */
const GATHERING_MS = 1_000;
/** A page cannot tell what the proxy answered from what the other side would have: the suite's listeners can. */
const LISTENER_SAYS = "the listener says whether it arrived";
const PNG_SIGNATURE_BYTES = 8;
/** Length, kind and checksum around what a chunk holds. */
const PNG_CHUNK_BYTES = 12;
const NO_PAGES = (file: string): string[] => [
  `file://${file}`,
  "chrome://version",
  "devtools://devtools/bundled/inspector.html",
  `view-source:file://${file}`,
  "javascript:location='file:///etc/passwd'",
  "data:text/html,hello",
];
/** Commands of the protocol that reach past the page, with what they would need. */
const ORDERS = (file: string, folder: string): [string, Record<string, unknown>][] => [
  ["Target.createTarget", { url: `file://${file}` }],
  ["Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder }],
  ["Page.setDownloadBehavior", { behavior: "allow", downloadPath: folder }],
  ["DOM.setFileInputFiles", { files: [file], nodeId: 1 }],
  ["Fetch.enable", {}],
  ["Security.setIgnoreCertificateErrors", { ignore: true }],
  ["Storage.getCookies", {}],
  ["IO.read", { handle: "1" }],
  ["SystemInfo.getInfo", {}],
];

/** A browser of the plugin's own for the time of `use`, with the granted page open. */
async function withPage<T>(
  ctx: PluginContext,
  port: number,
  use: (browser: BrowserSession) => Promise<T>,
): Promise<T> {
  await using browser = await ctx.browser.open();
  await browser.command("Page.navigate", { url: `http://127.0.0.1:${port}/` });
  return await use(browser);
}

/** The value of an expression in the page; a promise is awaited. @throws Denied when the page's script fails */
async function evaluated(browser: BrowserSession, expression: string): Promise<unknown> {
  const { result, exceptionDetails } = await browser.command<{
    result: { value?: unknown };
    exceptionDetails?: unknown;
  }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails !== undefined) throw new Denied("not shown");
  return result.value;
}

const SHOWN_TEXT = `new Promise((resolve) => {
  if (document.readyState === "complete") resolve();
  else addEventListener("load", resolve);
}).then(() => document.body.innerText)`;

/** What the page shows once it has loaded. @throws Denied unless it is `text` */
async function mustShow(browser: BrowserSession, text: string): Promise<void> {
  if ((await evaluated(browser, SHOWN_TEXT)) !== text) throw new Denied("not shown");
}

/**
 * Ways to fill a page with what stands at `url`. It is waited for until it has loaded, be it with an error: what it holds, the page's
 * script cannot say, as of another origin it sees nothing. The browser's own view does.
 */
const FRAMES: readonly ((url: string) => string)[] = [
  (url) => filledWith("iframe", `element.src = ${url}`),
  (url) => filledWith("iframe", `setTimeout(() => { element.contentWindow.location = ${url}; })`),
  (url) => filledWith("object", `element.data = ${url}`),
];

const filledWith = (element: string, begin: string): string => `new Promise((resolve) => {
  const element = document.createElement("${element}");
  element.style = "position: fixed; inset: 0; width: 100%; height: 100%; border: 0";
  document.body.replaceChildren(element);
  ${begin};
  setTimeout(resolve, ${GATHERING_MS});
})`;

/** Looks at one point of what the browser shows. @throws Denied when it has another colour */
async function mustBeSeen(browser: BrowserSession, colour: readonly number[]): Promise<void> {
  const { data } = await browser.command<{ data: string }>("Page.captureScreenshot", {
    format: "png",
    clip: { x: 50, y: 50, width: 1, height: 1, scale: 1 },
  });
  const seen = firstPixel(Buffer.from(data, "base64"));
  if (colour.some((value, index) => seen[index] !== value)) throw new Denied("not shown");
}

/** Red, green and blue of the first pixel of a PNG: its data, behind the byte that names the row's filter. */
function firstPixel(png: Buffer): Uint8Array {
  const parts: Buffer[] = [];
  for (let at = PNG_SIGNATURE_BYTES; at < png.length; ) {
    const sizeBytes = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + sizeBytes));
    at += PNG_CHUNK_BYTES + sizeBytes;
  }
  return inflateSync(Buffer.concat(parts)).subarray(1, 4);
}

const row = (
  name: string,
  facts: Pick<InsideAttack, "answers" | "seen"> & { deniedBy?: string },
  attempt: InsideAttack["attempt"],
): InsideAttack => ({
  name,
  deniedBy: "broker",
  control: "modest",
  timeoutMs: TIMEOUT_MS,
  ...facts,
  attempt,
});

const refused = { answers: ["permission_denied"], seen: "denial" } as const;
const notShown = {
  answers: ["not shown"],
  seen: "failed call",
  deniedBy: "filtering proxy, own network",
} as const;

/** A headless browser that was granted one host: to leave that host, the page, or the browser. */
export const browser: Family = {
  title: "The browser",
  isSlow: true,
  grants: ({ grantedPort, redirectPort }) => ({
    browser: [{ hosts: [`127.0.0.1:${grantedPort}`, `127.0.0.1:${redirectPort}`], why }],
  }),
  attacks: [
    row(
      "open file:, chrome:, devtools: and other addresses",
      refused,
      ({ grantedPort, file, isModest }, ctx) =>
        withPage(ctx, grantedPort, (page) =>
          anyOf(isModest ? [`http://127.0.0.1:${grantedPort}/`] : NO_PAGES(file), (url) =>
            page.command("Page.navigate", { url }),
          ),
        ),
    ),
    row("open a page of a host that was not granted", refused, ({ grantedPort, port, isModest }, ctx) =>
      withPage(ctx, grantedPort, (page) =>
        page.command("Page.navigate", { url: `http://127.0.0.1:${isModest ? grantedPort : port}/` }),
      ),
    ),
    row(
      "order downloads, windows, files and the like",
      refused,
      ({ grantedPort, file, folder, isModest }, ctx) =>
        withPage(ctx, grantedPort, (page) =>
          anyOf(isModest ? [["Page.getFrameTree", {}] as const] : ORDERS(file, folder), ([method, params]) =>
            page.command(method, params),
          ),
        ),
    ),
    row(
      "have a granted page redirect to another host",
      { ...notShown, seen: "denial" },
      ({ grantedPort, redirectPort, isModest }, ctx) =>
        withPage(ctx, grantedPort, async (page) => {
          if (isModest) return mustShow(page, "granted");
          await page.command("Page.navigate", { url: `http://127.0.0.1:${redirectPort}/` });
          return mustShow(page, "hello");
        }),
    ),
    row(
      "have a granted page's script ask another port",
      { ...notShown, seen: "denial" },
      ({ grantedPort, port, isModest }, ctx) =>
        withPage(ctx, grantedPort, (page) =>
          evaluated(
            page,
            `fetch("http://127.0.0.1:${isModest ? grantedPort : port}/", { mode: "no-cors" }).then(() => {
              if (${!isModest}) throw new Error("${LISTENER_SAYS}");
            })`,
          ),
        ),
    ),
    row(
      "have a granted page show a file in a frame",
      { ...notShown, deniedBy: "Chromium" },
      ({ grantedPort, picture, isModest }, ctx) =>
        withPage(ctx, grantedPort, (page) =>
          anyOf(FRAMES, async (frame) => {
            await evaluated(page, frame(JSON.stringify(isModest ? PICTURE_PATH : `file://${picture}`)));
            await mustBeSeen(page, COLOUR);
          }),
        ),
    ),
    row("have a granted page send UDP (WebRTC)", notShown, ({ grantedPort, udpPort, isModest }, ctx) =>
      withPage(ctx, grantedPort, (page) =>
        evaluated(
          page,
          `(async () => {
            const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${udpPort}" }] });
            peer.createDataChannel("x");
            await peer.setLocalDescription(await peer.createOffer());
            await new Promise((resolve) => setTimeout(resolve, ${isModest ? 0 : GATHERING_MS}));
            if (${!isModest}) throw new Error("${LISTENER_SAYS}");
          })()`,
        ),
      ),
    ),
  ],
};
