import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Api } from "../../../../web/data/api.ts";
import { Plugins } from "../../../../web/data/plugins.ts";
import type { PluginDetail } from "../../../../web/data/plugins-types.ts";
import { Session } from "../../../../web/data/session.ts";
import { mount, openDom } from "../../../support/dom.ts";
import { FakeApi } from "../../../support/fake-api.ts";
import { fakeDetailOf, HOSTILE } from "../../../support/fake-plugins.ts";

openDom();
const { BnPluginConfiguration } = await import("../../../../web/panels/bn-plugin-configuration.ts");
const { BnPluginHealth } = await import("../../../../web/pages/plugins/bn-plugin-health.ts");
const { BnPluginPage } = await import("../../../../web/pages/plugins/bn-plugin-page.ts");
const { BnPluginPermissions } = await import("../../../../web/pages/plugins/bn-plugin-permissions.ts");
const { BnPluginRun } = await import("../../../../web/pages/plugins/bn-plugin-run.ts");
const { BnPluginPanel } = await import("../../../../web/panels/bn-plugin-panel.ts");

const DRAW_LIMIT_MS = 4_000;

let server: FakeApi;
let plugins: Plugins;
let session: Session;

beforeEach(async () => {
  document.body.replaceChildren();
  server = new FakeApi();
  const api = new Api((path, init) => fetch(server.url + path, init));
  plugins = new Plugins(api);
  session = new Session(api);
  await session.refresh();
});
afterEach(() => server.stop());

const detailOf = (id: string): PluginDetail => {
  const plugin = server.plugins.plugins.find((one) => one.id === id);
  if (plugin === undefined) throw new Error(`There is no fake plugin ${id}.`);
  return fakeDetailOf(plugin);
};

type Drawn = HTMLElement & { updateComplete: Promise<boolean> };

/** All that is drawn, through every shadow root. */
function allNodes(root: ParentNode): Element[] {
  return [...root.querySelectorAll("*")].flatMap((element) => [
    element,
    ...(element.shadowRoot === null ? [] : allNodes(element.shadowRoot)),
  ]);
}
const textOf = (root: ParentNode): string =>
  allNodes(root)
    .filter(({ localName }) => localName !== "style")
    .map((element) =>
      [...element.childNodes].flatMap((node) => (node.nodeType === 3 ? [node.textContent] : [])).join(" "),
    )
    .join(" ")
    .replace(/\s+/g, " ");
/** Waits until the element has drawn what it asked for. */
async function until(isDrawn: () => boolean): Promise<void> {
  const deadline = performance.now() + DRAW_LIMIT_MS;
  while (!isDrawn()) {
    if (performance.now() > deadline) throw new Error("It was not drawn in time.");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const button = (root: Drawn, label: RegExp): HTMLButtonElement | undefined =>
  allNodes(root.shadowRoot ?? root).find(
    (element): element is HTMLButtonElement =>
      element.localName === "button" && label.test(element.textContent ?? ""),
  );

test("the page of a plugin tells its name, for the bar on top", async () => {
  const page = new BnPluginPage();
  const told: unknown[] = [];
  page.addEventListener("page-heading", (event) => told.push(event instanceof CustomEvent && event.detail));
  page.plugins = plugins;
  page.session = session;
  page.pluginId = "http-check";
  await mount(page);
  await until(() => told.length > 0);
  page.pluginId = "s3-backup";
  await until(() => told.length > 1);
  expect(told).toEqual([detailOf("http-check").name, detailOf("s3-backup").name]);
});

test("a grant with a placeholder shows what it gives now", async () => {
  const page = new BnPluginPermissions();
  const { approval } = plugins;
  plugins.approval = async (id) => {
    const found = await approval.call(plugins, id);
    const [first, ...others] = found.permissions;
    if (!first) throw new Error("It asks for nothing.");
    return {
      ...found,
      permissions: [
        { ...first, text: `\${config.urls}`, now: ["a.example:443", "b.example:80"] },
        ...others.map((one) => ({ ...one, now: [] })),
      ],
    };
  };
  page.plugins = plugins;
  page.session = session;
  page.plugin = detailOf("s3-backup");
  await mount(page);
  await until(() => page.shadowRoot?.querySelector(".now") !== null);
  plugins.approval = approval;
  const now = [...(page.shadowRoot?.querySelectorAll(".now") ?? [])].map((one) => one.textContent?.trim());
  expect(now.slice(0, 2)).toEqual(["Now a.example:443, b.example:80", "Nothing yet: not configured"]);
});

describe("the review of permissions", () => {
  const open = async (id: string) => {
    const page = new BnPluginPermissions();
    page.plugins = plugins;
    page.session = session;
    page.plugin = detailOf(id);
    await mount(page);
    await until(() => page.shadowRoot?.querySelector(".standing") !== null);
    return page;
  };

  test("tells an update's added and removed grants and its changed files in words", async () => {
    const page = await open("s3-backup");
    const marks = [...(page.shadowRoot?.querySelectorAll(".grants li") ?? [])].map((row) => [
      row.querySelector("code")?.textContent?.trim(),
      row.querySelector(".mark")?.textContent?.trim(),
    ]);
    expect(marks).toEqual([
      ["s3.eu-central-1.amazonaws.com:443", undefined],
      ["telemetry.example.net:443", "+ Added"],
      ["/var/lib/app", "+ Added"],
      ["AWS_REGION", "− No longer asked for"],
      ["S3_KEY", undefined],
    ]);
    const text = textOf(page.shadowRoot ?? page);
    expect(text).toContain("asks for 2 permissions more");
    expect(text).toContain("Version 1.3.0 runs on");
    expect(text).toContain("Anonymous statistics");
    expect(text).toContain("± Changed");
  });

  test("approves exactly the bytes that were shown, with every kind that was shown", async () => {
    const page = await open("s3-backup");
    const asked: unknown[] = [];
    plugins.approve = async (...words) => {
      asked.push(words);
    };
    let done = 0;
    page.addEventListener("done", () => {
      done++;
    });
    button(page, /Approve version 1.4.0/)?.click();
    await until(() => done > 0);
    expect(asked).toEqual([
      [
        "s3-backup",
        "1b7d90c2e4f35566aa0918bcde77102f3c52d8e6a49f2c4b7e11aa5530c8d6e2",
        ["net", "secrets", "read"],
      ],
    ]);
  });

  test("offers no approval where none is needed, or to whom it is not given", async () => {
    expect(button(await open("http-check"), /Approve/)).toBeUndefined();
    session.can = (scope) => scope === "plugins:read";
    expect(button(await open("s3-backup"), /Approve/)).toBeUndefined();
  });
});

describe("the configuration", () => {
  const open = async () => {
    const page = new BnPluginConfiguration();
    page.plugins = plugins;
    page.session = session;
    page.plugin = detailOf("http-check");
    await mount(page);
    const form = page.shadowRoot?.querySelector("bn-schema-form");
    if (form === null || form === undefined) throw new Error("There is no form.");
    await form.updateComplete;
    return { page, form };
  };
  const type = async ({ page, form }: Awaited<ReturnType<typeof open>>, pointer: string, text: string) => {
    const input = form.shadowRoot?.getElementById(pointer) as HTMLInputElement;
    input.value = text;
    input.dispatchEvent(new Event("input"));
    await form.updateComplete;
    await page.updateComplete;
  };

  test("shows what would change, and never what is secret", async () => {
    const opened = await open();
    await type(opened, "/intervalSeconds", "45");
    await type(opened, "/token", "hunter2");
    const text = textOf(opened.page.shadowRoot ?? opened.page);
    expect(text).toContain("2 changes");
    const changes = opened.page.shadowRoot?.querySelector(".changes")?.textContent?.replace(/\s+/g, " ");
    expect(changes).toContain("intervalSeconds before: 30 → after: 45");
    expect(changes).toContain("a new value");
    expect(changes).not.toContain("hunter2");
  });

  test("is saved as a whole, with the secret that was typed and without the one that was not", async () => {
    const opened = await open();
    await type(opened, "/intervalSeconds", "45");
    button(opened.page, /^\s*Save\s*$/)?.click();
    await until(() => server.plugins.saved.length > 0);
    expect(server.plugins.saved[0]).toMatchObject({
      id: "http-check",
      values: {
        intervalSeconds: 45,
        endpoint: "https://status.example.com/health",
        smtp: { host: "mail.example.com" },
      },
    });
    expect(server.plugins.saved[0]?.values).not.toHaveProperty("token");
  });

  test("that somebody else has changed meanwhile is reviewed against what stands there now, then saved", async () => {
    const opened = await open();
    const { page } = opened;
    await type(opened, "/intervalSeconds", "45");
    server.plugins.configRevision = "r2";
    // What is shown is fetched anew, and the draft stays what it was made upon.
    let fetched = 0;
    page.addEventListener("done", () => {
      const { config, ...plugin } = detailOf("http-check");
      if (config === null) throw new Error("There is no configuration.");
      page.plugin = { ...plugin, config: { ...config, revision: "r2" } };
      fetched++;
    });
    button(page, /^\s*Save\s*$/)?.click();
    await until(() => fetched === 1);
    await page.updateComplete;
    expect(textOf(page.shadowRoot ?? page)).toContain("Somebody has changed it meanwhile");
    expect(server.plugins.saved).toEqual([]);
    button(page, /Review and save/)?.click();
    button(page, /^\s*Save\s*$/)?.click();
    await until(() => server.plugins.saved.length > 0);
    expect(server.plugins.saved[0]?.values).toMatchObject({ intervalSeconds: 45 });
  });

  test("brings what the server refuses back to its field", async () => {
    server.plugins.configRefusals = [{ path: "smtp.port", message: "must be open" }];
    const opened = await open();
    await type(opened, "/smtp/port", "26");
    button(opened.page, /^\s*Save\s*$/)?.click();
    const field = opened.form.shadowRoot?.getElementById("/smtp/port")?.closest("bn-field");
    await until(
      () => field !== null && field !== undefined && Reflect.get(field, "error") === "must be open",
    );
    expect(textOf(opened.page.shadowRoot ?? opened.page)).toContain("not saved");
  });
});

test("a panel calls a plugin's execute, so that looking at a monitor collects nothing", async () => {
  const asked: (string | undefined)[] = [];
  const panel = new BnPluginPanel();
  panel.plugins = Object.assign(Object.create(plugins), {
    execute: (name: string, _input: unknown, _signal: AbortSignal, verb?: "execute") => {
      asked.push(verb);
      return Promise.resolve({ name, result: [], durationMs: 1 });
    },
  });
  panel.session = session;
  panel.plugin = { ...detailOf("odd"), type: "monitor" };
  panel.panel = panel.plugin.panels[0];
  await mount(panel);
  await until(() => asked.length > 0);
  expect(asked).toEqual(["execute"]);
});

test("a call by hand sends JSON and shows the answer with its time", async () => {
  const page = new BnPluginRun();
  page.plugins = plugins;
  page.plugin = detailOf("http-check");
  await mount(page);
  const area = page.shadowRoot?.querySelector("textarea");
  if (area === null || area === undefined) throw new Error("There is no field.");
  area.value = "{";
  area.dispatchEvent(new Event("input"));
  await page.updateComplete;
  expect(page.shadowRoot?.querySelector<HTMLButtonElement>("[type=submit]")?.disabled).toBe(true);
  area.value = '{"a":1}';
  area.dispatchEvent(new Event("input"));
  await page.updateComplete;
  page.shadowRoot?.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
  await until(() => textOf(page.shadowRoot ?? page).includes("Answered in"));
  expect(page.shadowRoot?.querySelector("pre")?.textContent).toContain('"a": 1');
});

test("health: what it depends on with its time, and the course of the checks", async () => {
  const page = new BnPluginHealth();
  page.plugins = plugins;
  page.plugin = detailOf("ssl-watch");
  await mount(page);
  await until(() => page.shadowRoot?.querySelector(".strip") !== null);
  const text = textOf(page.shadowRoot ?? page);
  expect(text).toContain("api.example.com");
  expect(page.shadowRoot?.querySelector(".strip")?.getAttribute("aria-label")).toBe(
    "64 of the last 70 checks found it healthy",
  );
});

describe("nothing of a plugin is ever more than text", () => {
  /** What markup, a script's address or an event attribute would have left behind. */
  const intruders = (root: ParentNode) =>
    allNodes(root).filter(
      (element) =>
        ["img", "script", "iframe", "b-name"].includes(element.localName) ||
        [...element.attributes].some(
          ({ name, value }) =>
            name.startsWith("on") ||
            (["href", "src", "action"].includes(name) && /^\s*javascript:/i.test(value)),
        ),
    );

  test("titles, help, choices and locks of its schema", async () => {
    const page = new BnPluginConfiguration();
    page.plugins = plugins;
    page.session = session;
    page.plugin = detailOf("odd");
    await mount(page);
    await page.shadowRoot?.querySelector("bn-schema-form")?.updateComplete;
    expect(intruders(page.shadowRoot ?? page)).toEqual([]);
    expect(textOf(page.shadowRoot ?? page)).toContain("<script>");
  });

  test("its permissions, reasons, files and decisions", async () => {
    const page = new BnPluginPermissions();
    page.plugins = plugins;
    page.session = session;
    page.plugin = detailOf("odd");
    await mount(page);
    await until(() => page.shadowRoot?.querySelector(".grants") !== null);
    expect(intruders(page.shadowRoot ?? page)).toEqual([]);
    expect(textOf(page.shadowRoot ?? page)).toContain("safe\\u202egpj.exe");
    expect(textOf(page.shadowRoot ?? page)).not.toContain("\u202E");
  });

  test("titles, columns and rows of its panels", async () => {
    const plugin = detailOf("odd");
    const panel = new BnPluginPanel();
    panel.plugins = plugins;
    panel.session = session;
    panel.plugin = plugin;
    panel.panel = plugin.panels[0];
    await mount(panel);
    await until(() => panel.shadowRoot?.querySelector("bn-table") !== null);
    await panel.shadowRoot?.querySelector("bn-table")?.updateComplete;
    expect(intruders(panel.shadowRoot ?? panel)).toEqual([]);
    expect(textOf(panel.shadowRoot ?? panel)).toContain(HOSTILE.markup.slice(0, 20));
  });
});
