import type { Page } from "playwright-core";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { type FrameTimes, frameTimes } from "../support/frame-times.ts";
import { untilTaken, writeShopLog } from "../support/log-lines.ts";
import { setUp } from "../support/sign-in.ts";
import type { Benchmark, Figure } from "./model.ts";

const LINES = 1_000_000;
const FRAMES = 300;
/** Steps in which the scrollbar is drawn from the end to the beginning. */
const TURNS = 120;
/** A frame that is not late: one of sixty a second, and the browser's own rounding. */
const FRAME_GOAL_MS = 18;
/** What is scrolled when nothing is shown: as large and as long as the list, with the focus, and nothing in it. */
const BLANK = `<style>body { margin: 0 } .scroll { height: 640px; overflow: hidden scroll } .space { height: 8000000px }</style>
  <div class="scroll" role="listbox" tabindex="0"><div class="space"></div></div>`;

/** What a reader does, in steps that leave the browser time to draw. */
const WAYS: readonly { name: string; step(page: Page, turn: number): Promise<void> }[] = [
  { name: "wheel", step: (page) => page.mouse.wheel(0, -180) },
  { name: "Page keys", step: (page) => page.keyboard.press("PageUp") },
  {
    name: "scrollbar",
    step: (page, turn) =>
      page.evaluate(
        (share) => {
          const app = document.querySelector("bn-app")?.shadowRoot?.querySelector("bn-logs-page");
          const list = app?.shadowRoot?.querySelector("bn-log-list")?.shadowRoot?.querySelector(".scroll");
          const scroller = list ?? document.querySelector(".scroll");
          if (scroller !== null && scroller !== undefined)
            scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * share;
        },
        1 - (turn % TURNS) / TURNS,
      ),
  },
];

/** Frames from the end upwards, and what the page's main thread computes for one of them; the latter no other program delays. */
async function measure(
  page: Page,
  { step }: (typeof WAYS)[number],
): Promise<FrameTimes & { busyMs: number }> {
  const list = page.getByRole("listbox");
  await list.focus();
  await page.keyboard.press("End");
  await list.hover();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busyS = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  const before = await busyS();
  const times = await frameTimes(page, FRAMES, (turn) => step(page, turn));
  const busyMs = ((await busyS()) - before) * 1_000;
  await session.detach();
  return { ...times, busyMs: busyMs / FRAMES };
}

const figureOf = (name: string, times: FrameTimes & { busyMs: number }, isGoal: boolean): Figure => ({
  name,
  value: times.p95Ms,
  unit: "ms",
  ...(isGoal ? { goal: { atMost: FRAME_GOAL_MS } } : {}),
  note: `${times.frames} frames, median ${times.medianMs.toFixed(1)}, p99 ${times.p99Ms.toFixed(1)}, longest ${times.longestMs.toFixed(0)} ms; main thread ${times.busyMs.toFixed(1)} ms a frame`,
});

async function run(): Promise<Figure[]> {
  using workspace = new Workspace();
  writeShopLog(workspace.file("shop.log"), LINES, Date.now());
  const files = [{ path: workspace.file("shop.log"), source: "shop" }];
  await Bun.write(workspace.file("binnacle.json"), JSON.stringify({ logs: { files } }));
  const args = ["--config", workspace.file("binnacle.json")];
  await using server = await RunningBinary.start(workspace.path, { args });
  await using visitor = await Visitor.arrive(server.address);
  await setUp(visitor, server);
  const { page } = visitor;
  const cookies = await page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  await untilTaken(server.address, { cookie }, "shop", LINES);

  const figures: Figure[] = [];
  await page.goto("/logs?source=shop&range=24h");
  await page.getByText(`${LINES.toLocaleString("en-GB")} lines`).waitFor();
  for (const way of WAYS) figures.push(figureOf(`frame p95, ${way.name}`, await measure(page, way), true));
  const drawn = await page.locator("bn-log-list .row").count();
  figures.push({
    name: "rows drawn",
    value: drawn,
    unit: "rows",
    note: `of ${LINES.toLocaleString("en")} lines`,
  });
  await page.goto("about:blank");
  await page.setContent(BLANK);
  for (const way of WAYS)
    figures.push(figureOf(`frame p95 of a blank page, ${way.name}`, await measure(page, way), false));
  return figures;
}

const benchmark: Benchmark = { name: "log viewer, 1,000,000 lines", run };
export default benchmark;
