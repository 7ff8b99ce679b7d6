import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { AppError } from "../../../../../server/errors/app-error.ts";
import { processesOf } from "../../../../../server/plugins/broker/browser/browser-processes.ts";
import { findChromium } from "../../../../../server/plugins/broker/browser/find-chromium.ts";
import { IdentityPool } from "../../../../../server/plugins/broker/browser/identity-pool.ts";
import { ensureChromium } from "../../../../support/chromium.ts";
import { ManualClock } from "../../../../support/manual-clock.ts";
import { answer, httpServer, rawServer, TableResolver } from "../../../outbound/local-servers.ts";
import { BrowserFixture } from "./browser-fixture.ts";

const START_LIMIT_MS = 60_000;
const HTML = "Content-Type: text/html\r\n";
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  await ensureChromium();
}, START_LIMIT_MS);

describe.each([
  ["a network of its own", true],
  ["the machine's network, behind the proxy alone", false],
])("a browser in %s", (_, ownNetwork) => {
  let allowed: Awaited<ReturnType<typeof httpServer>>;
  let other: Awaited<ReturnType<typeof rawServer>>;
  let browser: BrowserFixture;
  const resolver = new TableResolver({ "pages.example": ["127.0.0.1"], "inside.example": ["10.1.2.3"] });

  beforeAll(async () => {
    other = await rawServer((socket) => socket.end(answer("secret of the other host")));
    allowed = await httpServer({
      "/": answer("<title>Granted</title><body>the granted page</body>", HTML),
      "/away": answer("", `Location: http://127.0.0.1:${other.port}/\r\n`, "302 Found"),
      "*": answer("{}", "Content-Type: application/json\r\n"),
    });
    browser = await BrowserFixture.open({
      hosts: [`127.0.0.1:${allowed.port}`, `pages.example:${allowed.port}`, "inside.example"],
      privateHosts: [`pages.example:${allowed.port}`],
      ownNetwork,
      resolver,
    });
  }, START_LIMIT_MS);

  afterAll(async () => {
    await browser.browsers.close();
    allowed.close();
    other.close();
  }, START_LIMIT_MS);

  const page = (): string => `http://127.0.0.1:${allowed.port}/`;

  test("opens pages of the granted hosts, by address and by a name that the server resolves", async () => {
    await browser.visit(page());
    expect(await browser.evaluate("document.title")).toBe("Granted");
    await browser.visit(`http://pages.example:${allowed.port}/`);
    expect(await browser.evaluate("document.body.textContent")).toBe("the granted page");
    expect(await browser.evaluate("fetch('/data').then((answer) => answer.status)")).toBe(200);
    expect(browser.denied).toEqual([]);
  });

  test.each([
    "file:///etc/passwd",
    "view-source:http://127.0.0.1/",
    "chrome://version",
    "data:text/html,hello",
    "javascript:1",
    "devtools://devtools/bundled/inspector.html",
    "http://elsewhere.example/",
    "http://127.0.0.1:1/",
    " FILE:///etc/passwd",
  ])("does not go to %p", async (url) => {
    const refusal = await browser.command("Page.navigate", { url }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AppError);
    expect((refusal as AppError).code).toBe("permission_denied");
    expect(browser.denied.at(-1)).toBe((refusal as AppError).message);
  });

  test.each([
    "Target.createTarget",
    "Target.attachToTarget",
    "Browser.setDownloadBehavior",
    "Browser.grantPermissions",
    "DOM.setFileInputFiles",
    "Input.dispatchDragEvent",
    "Page.setDownloadBehavior",
    "Fetch.enable",
    "IO.read",
    "Network.loadNetworkResource",
    "Network.setCookie",
    "Security.setIgnoreCertificateErrors",
    "toString",
    "__proto__",
  ])("is not given the command %s", async (method) => {
    const refusal = await browser
      .command(method, { files: ["/etc/passwd"] })
      .catch((error: unknown) => error);
    expect((refusal as AppError).code).toBe("permission_denied");
  });

  test("headers that would lead a request elsewhere are not set", async () => {
    for (const name of ["Host", "Proxy-Authorization", "connection", " Host "]) {
      const refusal = browser.command("Network.setExtraHTTPHeaders", { headers: { [name]: "evil.example" } });
      expect(await refusal.catch((error: AppError) => error.code)).toBe("permission_denied");
    }
    await browser.command("Network.setExtraHTTPHeaders", { headers: { "x-check": "1" } });
    await browser.visit(page());
    expect(allowed.requests.at(-1)?.toLowerCase()).toContain("x-check: 1");
    await browser.command("Network.setExtraHTTPHeaders", { headers: {} });
  });

  test("parameters of any shape are refused with words", async () => {
    const odd = { toString: 1, valueOf: 1 };
    const code = (call: Promise<unknown>): Promise<unknown> =>
      call.then(
        () => "ok",
        (error: AppError) => error.code,
      );
    const signal = new AbortController().signal;
    const { browsers } = browser;
    expect(
      await code(browsers.serve("browser.command", { session: odd, method: "Page.reload" }, signal)),
    ).toBe("invalid_request");
    expect(
      await code(browsers.serve("browser.command", { session: browser.session, method: odd }, signal)),
    ).toBe("invalid_request");
    expect(await code(browser.command("Page.navigate", { url: odd }))).toBe("invalid_request");
    expect(await code(browser.command("Network.setExtraHTTPHeaders", { headers: odd }))).toBe(
      "invalid_request",
    );
    for (const params of [
      null,
      [],
      "x",
      { width: 1e9 },
      { height: "x" },
      { proxy: odd },
      { proxy: "socks5://x:1" },
    ]) {
      expect(await code(browsers.serve("browser.open", params, signal))).toMatch(
        /^invalid_(?:request|configuration)$/,
      );
    }
    expect(browsers.open).toBe(1);
  });

  test("a script of the page reaches neither files nor another host", async () => {
    await browser.visit(page());
    const other$ = `127.0.0.1:${other.port}`;
    const attempts = [
      `fetch("http://${other$}/", { mode: "no-cors" }).then((a) => a.status)`,
      `fetch("file:///etc/passwd").then((a) => a.text())`,
      `fetch("http://elsewhere.example/", { mode: "no-cors" }).then((a) => a.status)`,
      `new Promise((yes, no) => { const s = new WebSocket("ws://${other$}/"); s.onopen = () => yes("open"); s.onerror = () => no(1) })`,
      `new Promise((yes, no) => { const i = new Image(); i.onload = () => yes("loaded"); i.onerror = () => no(1); i.src = "http://${other$}/x.png" })`,
      `navigator.serviceWorker.register("http://${other$}/w.js").then(() => "registered")`,
    ];
    for (const attempt of attempts) {
      const outcome = await browser.evaluate(
        `Promise.resolve(${attempt}).then((v) => "got " + v, () => "denied")`,
      );
      expect([attempt, outcome]).toEqual([
        attempt,
        attempt.includes("no-cors") ? expect.stringMatching(/^denied$|^got 0$/) : "denied",
      ]);
    }
    expect(other.connections()).toBe(0);
    expect(browser.denied.join("\n")).toContain(other$);
  });

  test("a page that leaves for a file, another host or a window of its own stays without it", async () => {
    for (const leaving of [
      "location.href = 'file:///etc/passwd'",
      "location.href = 'view-source:' + location.href",
      "location.href = 'chrome://version'",
      `window.open("http://127.0.0.1:${other.port}/")`,
    ]) {
      await browser.visit(page());
      await browser.evaluate(`(() => { try { ${leaving} } catch {} })()`);
      expect(await browser.evaluate("document.body.textContent")).toBe("the granted page");
    }
    expect(other.connections()).toBe(0);
  });

  test("a redirect to another host is refused at the proxy", async () => {
    await browser.command("Page.navigate", { url: `${page()}away` });
    await browser.until("document.readyState === 'complete'");
    expect(String(await browser.evaluate("document.documentElement.innerText"))).not.toContain("secret");
    expect(other.connections()).toBe(0);
  });

  test("WebRTC sends no packet", async () => {
    const packets: string[] = [];
    const udp = createSocket("udp4", (message) => packets.push(message.toString("hex")));
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
    const { port } = udp.address();
    await browser.visit(page());
    const gathered = await browser.evaluate(`(async () => {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${port}" }, { urls: "turn:127.0.0.1:${port}?transport=tcp", username: "a", credential: "b" }] });
      peer.createDataChannel("x");
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise((done) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done(); setTimeout(done, 3000); });
      return peer.localDescription.sdp;
    })()`);
    udp.close();
    expect(String(gathered)).not.toMatch(/candidate.* typ (host|srflx)/);
    expect(packets).toEqual([]);
  });

  test("a name is looked up by the server only, once it is granted", async () => {
    await browser.visit(page());
    await browser.evaluate(`(() => { for (const [rel, href] of [["dns-prefetch", "//stolen-data.example"], ["preconnect", "http://stolen-data2.example"]]) {
      const link = document.createElement("link"); link.rel = rel; link.href = href; document.head.append(link); } })()`);
    await browser.evaluate("fetch('http://stolen-data3.example/', { mode: 'no-cors' }).catch(() => 0)");
    expect(resolver.lookups.filter((name) => name.includes("stolen"))).toEqual([]);
  });

  test("a granted name that leads to a private address is refused", async () => {
    await browser.command("Page.navigate", { url: "http://inside.example/" });
    await browser.until("document.readyState === 'complete'");
    expect(browser.denied.at(-1)).toBe("inside.example:80");
  });

  test("dialogs are dismissed, screenshots are given", async () => {
    await browser.visit(page());
    expect(await browser.evaluate("confirm('really?')")).toBe(false);
    const shot = (await browser.command("Page.captureScreenshot", { format: "png" })) as { data: string };
    expect(Buffer.from(shot.data, "base64").toString("latin1", 1, 4)).toBe("PNG");
  });

  if (isRoot && !ownNetwork)
    test("its way to the proxy is open to nobody else on the machine", async () => {
      const listening = readFileSync("/proc/net/tcp", "latin1")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[3] === "0A" && browser.uids.includes(Number(fields[7])));
      expect(listening).toHaveLength(1);
      const port = Number.parseInt(listening[0]?.[1]?.split(":")[1] ?? "", 16);
      const { promise, resolve } = Promise.withResolvers<string>();
      const socket = connect({ host: "127.0.0.1", port });
      let heard = "";
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        heard += chunk.toString();
      });
      socket.on("close", () => resolve(heard));
      socket.write(`GET ${page()} HTTP/1.1\r\n\r\n`);
      expect(await promise).toBe("");
    });

  if (isRoot)
    test("it runs as a user of its own, with no right and no group", async () => {
      const { processes } = browser;
      expect(processes.length).toBeGreaterThan(2);
      for (const pid of processes) {
        const status = await Bun.file(`/proc/${pid}/status`).text();
        expect(status).toMatch(/^Groups:\t\s*$/m);
      }
    });
});

describe("the end of a browser", () => {
  test(
    "nothing is left of it, neither process nor file",
    async () => {
      await using browser = await BrowserFixture.open({ hosts: ["example.com"] });
      expect(browser.profiles).toHaveLength(1);
      if (isRoot) expect(browser.processes.length).toBeGreaterThan(2);
      await browser.close();
      expect([browser.profiles, browser.processes]).toEqual([[], []]);
      const late = await browser.command("Page.reload").catch((error: unknown) => error);
      expect((late as AppError).code).toBe("invalid_request");
    },
    START_LIMIT_MS,
  );

  test(
    "closing the plugin's browsers ends those that are open",
    async () => {
      await using browser = await BrowserFixture.open({ hosts: ["example.com"] });
      await browser.openSession();
      expect(browser.profiles).toHaveLength(2);
      await browser.browsers.close();
      expect([browser.browsers.open, browser.profiles, browser.processes]).toEqual([0, [], []]);
    },
    START_LIMIT_MS,
  );

  test(
    "closing ends those that are being opened, too",
    async () => {
      await using browser = await BrowserFixture.open({ hosts: ["example.com"] });
      const second = browser.openSession().catch((error: AppError) => error.code);
      await browser.browsers.close();
      expect(await second).toBe("cancelled");
      expect([browser.browsers.open, browser.profiles, browser.processes]).toEqual([0, [], []]);
    },
    START_LIMIT_MS,
  );

  test(
    "a machine without Chromium, and one that does not start, are told of; no place is lost",
    async () => {
      const signal = new AbortController().signal;
      for (const chromium of [() => findChromium([], []), () => "/bin/false"]) {
        await using browser = BrowserFixture.without(chromium);
        for (let attempt = 0; attempt < 5; attempt++) {
          const refusal = await browser.browsers
            .serve("browser.open", {}, signal)
            .catch((error: AppError) => error.code);
          expect(refusal).toBe("browser_unavailable");
        }
        expect(browser.profiles).toEqual([]);
      }
    },
    START_LIMIT_MS,
  );

  test(
    "it does not outlive a server that is killed",
    async () => {
      const server = Bun.spawn([process.execPath, join(import.meta.dirname, "dying-server.ts")], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [first = ""] = await linesOf(server.stdout);
      const { uids, folder } = JSON.parse(first) as { uids: number[]; folder: string };
      server.kill("SIGKILL");
      await server.exited;
      const processes = (): number[] => uids.flatMap((uid) => processesOf({ uid, group: 0 }));
      await come(() => readdirSync(folder).length === 0 && processes().length === 0);
      rmSync(folder, { recursive: true });
    },
    START_LIMIT_MS,
  );

  test(
    "one that has nothing to do ends by itself",
    async () => {
      const clock = new ManualClock();
      await using browser = await BrowserFixture.open({ hosts: ["example.com"], clock });
      await clock.advance(119_000);
      await browser.evaluate("1");
      await clock.advance(119_000);
      expect(await browser.evaluate("2")).toBe(2);
      await clock.advance(121_000);
      const late = await browser.evaluate("3").catch((error: unknown) => error);
      expect((late as AppError).message).toMatch(/nothing to do for too long|no such browser session/);
      await browser.browsers.close();
      expect([browser.profiles, browser.processes]).toEqual([[], []]);
    },
    START_LIMIT_MS,
  );

  test(
    "a page that takes all memory ends the browser, not the machine",
    async () => {
      const clock = new ManualClock();
      await using browser = await BrowserFixture.open({ hosts: ["example.com"], clock });
      const bomb =
        "(() => { globalThis.kept = []; for (let i = 0; i < 22; i++) kept.push(new Uint8Array(50_000_000).fill(i)); return 1 })()";
      await browser.evaluate(bomb).catch(() => undefined);
      await clock.advance(2_000);
      const late = await browser.evaluate("1").catch((error: unknown) => error);
      expect((late as AppError).message).toMatch(
        /more memory than it may|no such browser session|The browser has ended|page has crashed/,
      );
    },
    START_LIMIT_MS,
  );

  test(
    "a third browser of one plugin, and a fifth of the server, are refused",
    async () => {
      const identities = new IdentityPool(isRoot);
      const leases = [identities.take(), identities.take(), identities.take(), identities.take()];
      expect(() => identities.take()).toThrow("4 browsers are open already");
      leases[0]?.giveBack();
      identities.take();
      expect(new Set(leases.map(({ identity }) => identity?.uid)).size).toBe(isRoot ? 4 : 1);
      await using browser = await BrowserFixture.open({ hosts: ["example.com"] });
      const second = browser.openSession();
      expect(browser.openSession()).rejects.toThrow("at most 2 browsers");
      await second;
    },
    START_LIMIT_MS,
  );
});

async function linesOf(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.trim().split("\n");
}

/** Looks again until it is so, or the test's own limit ends it. */
async function come(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
