import { chownSync, linkSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginManifest } from "../../schema/plugin/manifest.ts";
import { assemblePackage } from "../../server/plugins/discovery/assemble.ts";
import { signatureText } from "../../server/plugins/trust/signature.ts";
import type { Control, Seen } from "./attack.ts";
import { CANARY, type EscapeHouse } from "./house/house.ts";
import { IS_ROOT, USER } from "./house/identity.ts";

/** An attack made from outside of a plugin's process: by what is brought to the server, or by what it is made to keep. */
export interface StagedAttack {
  name: string;
  deniedBy: string;
  answers: readonly string[];
  seen: Seen;
  control: Control;
  /** Makes it, and its control. */
  stage(house: EscapeHouse): Promise<{ answer: string; problems: string[] }>;
}

const MAX_KEPT_LINES = 500;
const MAX_CRASHES = 3;
const MAX_TAIL_LINES = 50;
/** Of a flood of 50 MB on each of two pipes: less than all of it, and more than what waits for a garbage collection. */
const MAX_GROWN_MIB = 85;
const FLOOD_LINES = 50_000;
const KIB_A_MIB = 1_024;
const RACE_ROUNDS = 8;
const QUARANTINE_WAIT_MS = 30_000;
/** As many as one schema's text has room for: unbounded, the server would stand still for many seconds. */
const SLOW_SCHEMAS = 1_900;
const why = "The escape suite tries it";
const ESCAPES = "said \u001b[2J\u009b1m\u202e\r\u2028";
/** Control characters, separators of lines, and what turns the direction of writing. */
const MOVES_A_TERMINAL = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
const ANSWERS_VERSION = (version: string): string => `import { definePlugin } from "binnacle";
export default definePlugin({ execute: () => "${version}" });
`;

/** The file that an author with the trusted key puts beside the plugin. */
function signatureOf(
  house: EscapeHouse,
  manifest: Partial<PluginManifest> & { id: string },
  code: string,
): Record<string, string> {
  const files = new Map(
    Object.entries(house.filesOf(manifest, code)).map(([path, text]) => [
      path,
      new TextEncoder().encode(text),
    ]),
  );
  const made = assemblePackage(
    { origin: "folder", path: "/plugins/signed", files, isSingleFile: false },
    { limits: { maxTimeoutMs: 600_000, forbiddenPaths: [] }, trustedKeys: [] },
  );
  if ("problems" in made) throw new Error(JSON.stringify(made.problems));
  const {
    digest,
    manifest: { id, version },
  } = made;
  return { "plugin.sig": signatureText({ id, version, digest }, house.signingKey) };
}

const net = (...hosts: string[]) => ({ net: hosts.map((host) => ({ host, why })) });

const formOf = (field: Record<string, unknown>) => ({
  ...{ id: "form", title: "A form", kind: "form" as const },
  schema: { type: "object", properties: { a: field } },
});

/** Brings a plugin that must not load, and beside it the same one without the fault. */
const brought = (
  name: string,
  answer: string,
  fault: (house: EscapeHouse, id: string) => void,
  honest: Partial<PluginManifest> = {},
): StagedAttack => ({
  name,
  deniedBy: "trust",
  answers: [answer],
  seen: "shown",
  control: "honest",
  async stage(house) {
    const id = `brought-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`.slice(0, 50);
    house.putPlugin({ id: `${id}-honest`, ...honest }, ANSWERS_VERSION("1"));
    fault(house, id);
    const { block } = await house.client.until(id, (plugin) => plugin.block !== null);
    const denied = await house.client.execute(id, null);
    await house.client.until(`${id}-honest`, (plugin) => plugin.block === null);
    const control = await house.client.execute(`${id}-honest`, null);
    const problems = [
      ...(denied.status < 400 ? ["it was run"] : []),
      ...(control.result === "1" ? [] : [`its control ended with ${control.code}`]),
    ];
    return { answer: block?.code ?? "", problems };
  },
});

const at = (house: EscapeHouse, id: string, file: string): string =>
  join(house.file("data/plugins"), id, file);

/** A next version of an approved plugin that must wait, while the old one goes on. */
const upgraded = (
  name: string,
  answer: string,
  permissions: PluginManifest["permissions"],
  version: string,
  isSigned = false,
): StagedAttack => ({
  name,
  deniedBy: "trust",
  answers: [answer],
  seen: "shown",
  control: "honest",
  async stage(house) {
    const { client } = house;
    const id = `upgraded-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`.slice(0, 50);
    const put = (manifest: Partial<PluginManifest>, text: string): void => {
      const code = ANSWERS_VERSION(text);
      house.putPlugin(
        { id, ...manifest },
        code,
        isSigned ? signatureOf(house, { id, ...manifest }, code) : {},
      );
    };
    put({ version: "2.0.0", permissions: net("a.example") }, "old");
    await client.until(id, (plugin) => plugin.needsApproval);
    await client.approve(id);
    await client.must("POST", "/api/v3/plugins/enable", { name: id });
    const control = await client.execute(id, null);
    put({ version, permissions: permissions ?? {} }, "new");
    const { block } = await client.until(id, (plugin) => plugin.block?.code === answer);
    const still = await client.execute(id, null);
    return {
      answer: block?.code ?? "",
      problems: [
        ...(control.result === "old" ? [] : [`its control ended with ${control.code}`]),
        ...(still.result === "new" ? ["the new version runs"] : []),
      ],
    };
  },
});

/** A plugin that floods or gives away; what of it is kept is looked at afterwards. */
const watched = (
  facts: Pick<StagedAttack, "name" | "deniedBy" | "answers" | "seen">,
  code: string,
  permissions: PluginManifest["permissions"],
  judge: (house: EscapeHouse, id: string) => Promise<{ answer: string; problems: string[] }>,
): StagedAttack => ({
  ...facts,
  control: "honest",
  async stage(house) {
    const id = `watched-${facts.name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`.slice(0, 50);
    house.putPlugin({ id, permissions: permissions ?? {} }, code);
    const { needsApproval } = await house.client.until(id, () => true);
    if (needsApproval) {
      await house.client.approve(id);
      await house.client.must("POST", "/api/v3/plugins/enable", { name: id });
    }
    return judge(house, id);
  },
});

const linesOf = async (house: EscapeHouse, id: string): Promise<{ message: string; fields: unknown }[]> =>
  (
    (await house.client.must("GET", `/api/v3/plugins/${id}/logs?limit=${MAX_KEPT_LINES}`)) as {
      items: { message: string; fields: unknown }[];
    }
  ).items;

const definition = (execute: string): string =>
  `import { definePlugin } from "binnacle";\nexport default definePlugin({ ${execute} });\n`;

const residentMib = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / KIB_A_MIB;

/** Last lines of standard error, once they hold `last`. @throws Error when they do not for long */
async function tailOf(house: EscapeHouse, id: string, last: string): Promise<readonly string[]> {
  const deadline = performance.now() + QUARANTINE_WAIT_MS;
  while (performance.now() < deadline) {
    const { stderrTail } = await house.client.plugin(id);
    if (stderrTail.some((line) => line.startsWith(last))) return stderrTail;
  }
  throw new Error(`Nothing of "${last}" was kept.`);
}

/**
 * While a plugin that was approved is stopped and started, its file is exchanged as fast as it goes: for other code, for a
 * link to other code, and back. Whatever the server hashed is what has to run.
 */
async function raceOnLoad(house: EscapeHouse): Promise<{ answer: string; problems: string[] }> {
  const { client } = house;
  const id = "race-on-load";
  house.putPlugin({ id, permissions: net("a.example") }, ANSWERS_VERSION("approved"));
  await client.until(id, (plugin) => plugin.needsApproval);
  await client.approve(id);
  await client.must("POST", "/api/v3/plugins/enable", { name: id });
  const control = await client.execute(id, null);
  const stop = new AbortController();
  const swapping = swapFiles(house, id, stop.signal);
  const ran = new Set<unknown>();
  for (let round = 0; round < RACE_ROUNDS; round++) {
    await client.call("POST", "/api/v3/plugins/reload", { name: id });
    await client.call("POST", "/api/v3/plugins/disable", { name: id });
    await client.call("POST", "/api/v3/plugins/enable", { name: id });
    ran.add((await client.execute(id, null)).result);
  }
  stop.abort();
  const swaps = await swapping;
  // The other code runs once somebody has agreed to it: so it could have run before.
  house.putPlugin({ id, permissions: net("a.example"), version: "1.0.1" }, ANSWERS_VERSION("exchanged"));
  await client.until(id, (plugin) => plugin.needsApproval);
  await client.approve(id);
  await client.until(id, (plugin) => plugin.block === null);
  const honest = await client.execute(id, null);
  ran.delete(undefined);
  return {
    answer: [...ran].every((result) => result === "approved") ? "only what was approved" : [...ran].join(),
    problems: [
      ...(control.result === "approved" ? [] : [`it ended with ${control.code} before the race`]),
      ...(honest.result === "exchanged" ? [] : [`its control ended with ${honest.code}${honest.result}`]),
      ...(ran.size > 0 && swaps > RACE_ROUNDS ? [] : [`the race was none: ${swaps} exchanges`]),
    ],
  };
}

/** Exchanges the plugin's file until `signal` says stop, and leaves the first in its place; how often. */
async function swapFiles(house: EscapeHouse, id: string, signal: AbortSignal): Promise<number> {
  const main = at(house, id, "main.js");
  const outside = house.file("open/exchanged.js");
  writeFileSync(outside, ANSWERS_VERSION("exchanged"));
  const spare = house.file("open/spare.js");
  const forms = [
    () => writeFileSync(spare, ANSWERS_VERSION("exchanged")),
    () => writeFileSync(spare, ANSWERS_VERSION("approved")),
    () => symlinkSync(outside, spare),
    () => writeFileSync(spare, ANSWERS_VERSION("approved")),
  ];
  let swaps = 0;
  while (!signal.aborted || swaps % forms.length !== 0) {
    forms[swaps++ % forms.length]?.();
    house.own(spare);
    renameSync(spare, main);
    await Bun.sleep(0);
  }
  return swaps;
}

export const STAGED: readonly StagedAttack[] = [
  brought("load code from outside the folder, main: ../../x", "invalid", (house, id) =>
    house.putPlugin({ id, main: "../../traps/trap.cjs" }, ""),
  ),
  brought("carry a symbolic link out", "invalid", (house, id) => {
    house.putPlugin({ id }, ANSWERS_VERSION("1"));
    symlinkSync("/etc/passwd", at(house, id, "data.txt"));
  }),
  ...(IS_ROOT
    ? [
        brought("carry a hard link to another's file", "invalid", (house, id) => {
          const foreign = house.file(`open/foreign-${id}`);
          writeFileSync(foreign, "foreign");
          chownSync(foreign, house.configuration.isRoot ? USER : 0, house.configuration.isRoot ? USER : 0);
          house.putPlugin({ id }, ANSWERS_VERSION("1"));
          linkSync(foreign, at(house, id, "data.txt"));
        }),
      ]
    : []),
  brought("ask for any host", "invalid", (house, id) =>
    house.putPlugin({ id, permissions: net("*") }, ANSWERS_VERSION("1")),
  ),
  brought("ask for the data folder", "invalid", (house, id) =>
    house.putPlugin({ id, permissions: { read: [{ path: house.file("data"), why }] } }, ANSWERS_VERSION("1")),
  ),
  brought("a pattern that backtracks in the configuration's schema", "invalid", (house, id) =>
    house.putPlugin(
      { id, config: { type: "object", properties: { a: { type: "string", pattern: "(a+)+$" } } } },
      ANSWERS_VERSION("1"),
    ),
  ),
  brought("markup in the configuration's schema", "invalid", (house, id) =>
    house.putPlugin(
      {
        id,
        config: {
          type: "object",
          properties: { a: { type: "string", title: "<img src=x onerror=alert(1)>" } },
        },
      },
      ANSWERS_VERSION("1"),
    ),
  ),
  brought("terminal escapes and turned writing in its name", "invalid", (house, id) =>
    house.putPlugin({ id, name: "a\u001b[2J\u009b\u202eb" }, ANSWERS_VERSION("1")),
  ),
  brought("a homepage that is a script", "invalid", (house, id) =>
    house.putPlugin({ id, homepage: "javascript:alert(1)//https://a.example" }, ANSWERS_VERSION("1")),
  ),
  brought("keys of the prototype in its manifest", "invalid", (house, id) =>
    house.putPlugin({ id }, ANSWERS_VERSION("1"), {
      "plugin.json": `{"id":"${id}","version":"1.0.0","type":"custom","main":"main.js","__proto__":{"permissions":{}}}`,
    }),
  ),
  brought("ask for any program by the arguments of an archiver", "invalid", (house, id) =>
    house.putPlugin(
      { id, permissions: { run: [{ command: "/usr/bin/tar", arguments: ["..."], why }] } },
      ANSWERS_VERSION("1"),
    ),
  ),
  brought("schemas that take the server seconds to compile", "invalid", (house, id) => {
    const slow = formOf({ oneOf: Array(SLOW_SCHEMAS).fill({ minLength: 1 }) });
    const panels = Array.from({ length: 8 }, (_, index) => ({ ...slow, id: `p${index}` }));
    house.putPlugin({ id, panels }, ANSWERS_VERSION("1"));
  }),
  brought("a pattern that backtracks in a panel's form", "invalid", (house, id) =>
    house.putPlugin({ id, panels: [formOf({ type: "string", pattern: "(a+)+$" })] }, ANSWERS_VERSION("1")),
  ),
  brought("markup in a panel", "invalid", (house, id) =>
    house.putPlugin(
      { id, panels: [formOf({ type: "string", title: "<img src=x onerror=alert(1)>" })] },
      ANSWERS_VERSION("1"),
    ),
  ),
  brought("the signature of another plugin", "not_allowed", (house, id) =>
    house.putPlugin({ id }, ANSWERS_VERSION("1"), signatureOf(house, { id: "other" }, ANSWERS_VERSION("1"))),
  ),
  brought("a change after the signature", "not_allowed", (house, id) =>
    house.putPlugin({ id }, ANSWERS_VERSION("2"), signatureOf(house, { id }, ANSWERS_VERSION("1"))),
  ),
  upgraded("widen permissions by an upgrade", "awaiting_approval", net("a.example", "b.example"), "2.1.0"),
  upgraded("exchange approved code", "awaiting_approval", net("a.example"), "2.1.0"),
  upgraded("go back to an older version", "awaiting_approval", net("a.example"), "1.0.0"),
  upgraded("go back to an older signed version", "not_allowed", net("a.example"), "1.0.0", true),
  watched(
    { name: "write a secret into the log", deniedBy: "redaction", answers: ["redacted"], seen: "shown" },
    definition(
      `async execute(_, ctx) { const secret = await ctx.secrets.get("ESCAPE_OWN"); ctx.logger.info("it is " + secret, { secret }); console.log(secret); process.stderr.write(secret + "\\n"); throw new Error("failed with " + secret); }`,
    ),
    { secrets: [{ name: "ESCAPE_OWN", why }] },
    async (house, id) => {
      const { code, detail } = await house.client.execute(id, null);
      const kept = JSON.stringify([await linesOf(house, id), await house.client.plugin(id), detail]);
      const events = JSON.stringify(await house.client.events("plugin.call_failed", id));
      const isGivenAway = (kept + events).includes(CANARY.own);
      const isLogged = kept.includes("it is ");
      return {
        answer: isGivenAway ? "given away" : "redacted",
        problems: [
          ...(isLogged ? [] : ["its control: nothing was logged"]),
          ...(code === "" ? ["it did not fail"] : []),
        ],
      };
    },
  ),
  watched(
    {
      name: "move the reader's terminal by what it logs",
      deniedBy: "broker",
      answers: ["written out"],
      seen: "shown",
    },
    `import { writeSync } from "node:fs";
${definition(
  `async execute(_, ctx) { const text = ${JSON.stringify(ESCAPES)}; ctx.logger.info(text); console.log(text); writeSync(2, text + "\\n"); await ctx.state.get("a"); process.abort(); }`,
)}`,
    undefined,
    async (house, id) => {
      await house.client.execute(id, null);
      const tail = await tailOf(house, id, "said ");
      const said = [...tail, ...(await linesOf(house, id)).map(({ message }) => message)];
      const kept = said.filter((line) => line.startsWith("said "));
      return {
        answer: kept.some((line) => MOVES_A_TERMINAL.test(line)) ? "as it was" : "written out",
        problems: kept.length >= 3 ? [] : [`its control: ${kept.length} lines of 3`],
      };
    },
  ),
  watched(
    { name: "flood the log", deniedBy: "broker", answers: ["lines dropped"], seen: "shown" },
    definition(
      'async execute(count, ctx) { for (let i = 0; i < count; i++) { ctx.logger.info("line " + i); if (i % 100 === 0) await ctx.state.get("a"); } return "done"; }',
    ),
    undefined,
    async (house, id) => {
      await house.client.execute(id, 3);
      const few = (await linesOf(house, id)).filter(({ message }) => message.startsWith("line ")).length;
      await house.client.execute(id, 20_000);
      const many = (await linesOf(house, id)).length;
      return {
        answer: many <= MAX_KEPT_LINES ? "lines dropped" : `${many} lines kept`,
        problems: few === 3 ? [] : [`its control: ${few} lines of 3`],
      };
    },
  ),
  watched(
    { name: "end itself again and again", deniedBy: "watchdog", answers: ["quarantined"], seen: "crash" },
    definition('execute(isHonest) { if (!isHonest) process.abort(); return "honest"; }'),
    undefined,
    async (house, id) => {
      const control = await house.client.execute(id, true);
      let code = "";
      const deadline = performance.now() + QUARANTINE_WAIT_MS;
      while (code !== "plugin_quarantined" && performance.now() < deadline) {
        code = (await house.client.execute(id, false)).code;
      }
      const crashes = (await house.client.events("plugin.crashed", id)).length;
      return {
        answer: (await house.client.plugin(id)).state,
        problems: [
          ...(control.result === "honest" ? [] : ["its control failed"]),
          ...(crashes >= MAX_CRASHES ? [] : [`${crashes} crashes were told of`]),
        ],
      };
    },
  ),
  watched(
    { name: "give a secret away in an answer", deniedBy: "redaction", answers: ["redacted"], seen: "shown" },
    definition(
      'async execute(_, ctx) { const secret = await ctx.secrets.get("ESCAPE_OWN"); await ctx.state.set("kept", secret); return { secret, long: "x".repeat(400_000) + secret, short: "it is short" }; }',
    ),
    { secrets: [{ name: "ESCAPE_OWN", why }] },
    async (house, id) => {
      const kept = JSON.stringify((await house.client.execute(id, null)).result);
      return {
        answer: kept.includes(CANARY.own) ? "given away" : "redacted",
        problems: kept.includes("it is short") ? [] : ["its control: nothing was answered"],
      };
    },
  ),
  watched(
    {
      name: "flood standard error and output",
      deniedBy: "bounded pipe",
      answers: ["lines dropped"],
      seen: "shown",
    },
    `import { writeSync } from "node:fs";
${definition(
  'execute(count) { const line = "e".repeat(1_000) + "\\n"; for (let i = 0; i < count; i++) { writeSync(2, "stderr " + i + line); writeSync(1, line); } process.abort(); }',
)}`,
    undefined,
    async (house, id) => {
      // What is kept of standard error is shown once a process has ended.
      await house.client.execute(id, 3);
      const few = await tailOf(house, id, "stderr 2");
      await house.client.until(id, ({ pid }) => pid !== null);
      const before = residentMib(house.server.pid);
      await house.client.execute(id, FLOOD_LINES);
      const grownMib = residentMib(house.server.pid) - before;
      const kept = await tailOf(house, id, `stderr ${FLOOD_LINES - 1}`);
      return {
        answer: kept.length <= MAX_TAIL_LINES ? "lines dropped" : `${kept.length} lines kept`,
        problems: [
          ...(few.length >= 3 ? [] : [`its control: ${few.length} lines of 3`]),
          ...(grownMib < MAX_GROWN_MIB ? [] : [`the server has grown by ${grownMib} MiB`]),
        ],
      };
    },
  ),
  {
    name: "exchange files between the look at them and the start",
    deniedBy: "trust",
    answers: ["only what was approved"],
    seen: "shown",
    control: "honest",
    stage: raceOnLoad,
  },
  {
    name: "have BUN_OPTIONS and bunfig.toml run code in a plugin's process",
    deniedBy: "clean environment",
    answers: ["not run"],
    seen: "harmless",
    control: "outside",
    async stage(house) {
      const pids = (await house.client.plugins()).flatMap(({ pid }) => (pid === null ? [] : [String(pid)]));
      const trapped = house.trapped();
      return {
        answer: pids.some((pid) => trapped.includes(pid)) ? "run" : "not run",
        problems: trapped.includes(String(house.server.pid))
          ? []
          : ["its control: the server did not run it"],
      };
    },
  },
];
