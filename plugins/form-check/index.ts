import { defineTask, type PluginContext } from "binnacle";
import { type Check, type CheckInput, readCheck } from "./check-input.ts";
import { History, type Run } from "./history.ts";
import { identityOf } from "./identity.ts";
import { FormPage, pause } from "./page.ts";
import { type Row, rowsOf } from "./rows.ts";

interface Config {
  hosts: string[];
  proxyHost: string;
  dataFolder: string;
  keepRuns: number;
}
type Context = PluginContext<Config>;

/** Besides a check: the runs so far, or the picture of one. */
type Input = CheckInput | { show: "history" } | { show: "screenshot"; run: string };

interface Outcome {
  passed: number;
  failed: number;
  runs: Run[];
}

const KEEP = 20;

export default defineTask<Input, unknown, Config>({
  async execute(input, ctx) {
    const { hosts = [], keepRuns = KEEP }: Partial<Config> = await ctx.config.get();
    const history = new History(ctx.state, keepRuns);
    if (typeof input === "object" && input !== null && "show" in input) {
      return input.show === "history"
        ? history.list()
        : { jpegBase64: (await history.screenshotOf(input.run)) ?? null };
    }
    const check = readCheck(input, hosts);
    const outcome = await runAll(check, await rowsFor(check, ctx), history, ctx);
    ctx.metrics.gauge("passed", outcome.passed);
    ctx.metrics.gauge("failed", outcome.failed);
    return outcome;
  },

  async health(ctx) {
    const [latest] = await new History(ctx.state, KEEP).list();
    if (!latest) return { status: "healthy", message: "nothing was checked yet" };
    return latest.outcome === "passed"
      ? { status: "healthy", message: `the last run passed in ${latest.durationMs} ms` }
      : { status: "degraded", message: `the last run failed: ${latest.problem}` };
  },
});

async function runAll(check: Check, rows: readonly Row[], history: History, ctx: Context): Promise<Outcome> {
  const runs: Run[] = [];
  for (const [index, row] of rows.entries()) {
    ctx.signal.throwIfAborted();
    if (index > 0 && check.delayMs > 0) await pause(check.delayMs, ctx.signal);
    runs.push(await runOnce(check, row, index + 1, history, ctx));
  }
  const passed = runs.filter(({ outcome }) => outcome === "passed").length;
  return { passed, failed: runs.length - passed, runs };
}

/** One visit in a browser of its own: no cookie of the run before. */
async function runOnce(check: Check, row: Row, number: number, history: History, ctx: Context): Promise<Run> {
  const startedAt = new Date();
  await using session = await ctx.browser.open({
    visible: check.visible,
    ...(check.proxy === undefined ? {} : { proxy: check.proxy }),
  });
  const page = new FormPage(session, ctx.signal, check.waitMs);
  const problem = await walkThrough(page, check, row).then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  ctx.signal.throwIfAborted();
  const durationMs = Date.now() - startedAt.getTime();
  const screenshot = await page.screenshot();
  const run: Run = {
    id: `${startedAt.toISOString()}-${String(number).padStart(3, "0")}`,
    at: startedAt.toISOString(),
    url: check.url,
    row: number,
    outcome: problem === "" ? "passed" : "failed",
    durationMs,
    problem,
    hasScreenshot: screenshot !== undefined,
  };
  await history.add(run, screenshot);
  ctx.metrics.gauge("duration", durationMs / 1_000, { unit: "seconds" });
  if (problem) ctx.logger.warning(`the form of ${check.url} failed`, { row: number, problem });
  return run;
}

async function walkThrough(page: FormPage, check: Check, row: Row): Promise<void> {
  await page.open(check.url);
  if (check.cookieBanner !== undefined && (await page.has(check.cookieBanner)))
    await page.click(check.cookieBanner);
  for (const { selector, value } of check.fields) await page.fill(selector, filled(value, row));
  if (check.submit !== undefined) await page.click(check.submit);
  await page.expect(check.expect);
}

function filled(value: string, row: Row): string {
  return value.replace(/\{\{\s*([\w.-]{1,100})\s*\}\}/g, (_, name: string) => {
    const given = Object.hasOwn(row, name) ? row[name] : undefined;
    if (given === undefined) throw new Error(`The row has no "${name}".`);
    return given;
  });
}

async function rowsFor({ rows }: Check, ctx: Context): Promise<Row[]> {
  if (!rows) return [{}];
  if ("identities" in rows) {
    return Array.from(
      { length: rows.identities },
      (_, index): Row => ({ ...identityOf(rows.seed ?? 1, index) }),
    );
  }
  if ("values" in rows) return rowsOf(JSON.stringify(rows.values), "rows.values.json");
  const folder = await ctx.config.get("dataFolder");
  if (!folder) throw new Error("No folder of files is set in the configuration.");
  if (!/^[\w.-]+\.(?:csv|json)$/.test(rows.file))
    throw new Error('"rows.file" is the name of a .csv or .json file in the data folder.');
  return rowsOf(await ctx.files.readText(`${folder.replace(/\/$/, "")}/${rows.file}`), rows.file);
}
