import type { Family, InsideAttack } from "../attack.ts";
import { sharing } from "../attack.ts";
import { NAMES } from "../house/names.ts";
import { Denied } from "../plugin/kit.ts";
import { anyOf } from "./any-of.ts";

/** Ways to write 127.0.0.1 that one library or another takes. */
const SPELLINGS = [
  "127.0.0.1",
  "127.0.0.1.",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0177.0.0.1",
  "0x7f.0.0.1",
  "①②⑦.0.0.1",
  "0.0.0.0",
  "0",
  "localhost",
  "LOCALHOST.",
  "user@127.0.0.1",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[64:ff9b::127.0.0.1]",
  "127.0.0.1%00.example.com",
  "127。0。0。1",
];
/** They belong to the connection: it would carry a second request, or one for another place. */
const HEADERS: readonly (readonly [string, string])[] = [
  ["host", "neighbour.example"],
  ["transfer-encoding", "chunked"],
  ["content-length", "5"],
  ["connection", "upgrade"],
  ["upgrade", "h2c"],
  ["proxy-authorization", "Basic eDp4"],
];
const why = "The escape suite tries it";
const METADATA = ["169.254.169.254", "[fd00:ec2::254]", "2852039166", "100.100.100.200"];

const denied = {
  deniedBy: "broker",
  answers: ["permission_denied"],
  seen: "denial",
  control: "granted",
} as const;

const ASKINGS = 6;
/** More than the suite's small file system takes. */
const MANY_FILES = 200;

/** Measurements of each kind, in turn. */
const PAIRS = 150;
/** Of 150 pairs without a difference, fewer than one run in a million has more on one side. */
const CLEARLY = 105;
/** The control asks so often in one measurement: that has to be seen. */
const MODEST_TIMES = 4;

/** How a request is refused, without the name that was asked for. */
const refusalOf = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error: unknown) => error);

/** Measures both in turn. @throws Denied when neither takes longer than the other (a sign test) */
async function tellApart(one: () => Promise<unknown>, other: () => Promise<unknown>): Promise<void> {
  const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
    const startedMs = performance.now();
    await work();
    return performance.now() - startedMs;
  };
  let longer = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const isFirst = pair % 2 === 0;
    const first = await timeOf(isFirst ? one : other);
    const second = await timeOf(isFirst ? other : one);
    if (isFirst ? second > first : first > second) longer++;
  }
  if (Math.max(longer, PAIRS - longer) <= CLEARLY) throw new Denied("no difference");
}

/** One name, asked for again and again. */
const againAndAgain = (host: string): string[] => Array.from({ length: ASKINGS }, () => host);

const at = (names: readonly string[], port: number): string[] =>
  names.map((name) => `http://${name}:${port}/`);

const modest = (
  name: string,
  attempt: InsideAttack["attempt"],
  answers: readonly string[] = ["permission_denied"],
  seen: InsideAttack["seen"] = "denial",
): InsideAttack => ({ name, deniedBy: "broker", answers, seen, control: "modest", attempt });

/** What is asked of the server: each of it without the permission, around one, or through one. */
export const broker: Family = {
  title: "The broker",
  grants: ({ executable, port, grantedPort, redirectPort, granted, small, ownSecret }) => ({
    net: [
      ...Object.values(NAMES).map((host) => ({ host, port, private: host === NAMES.steady, why })),
      { host: "127.0.0.1", port: grantedPort, why },
      { host: "127.0.0.1", port: redirectPort, why },
    ],
    read: [{ path: granted, why }],
    write: [{ path: small, why }],
    run: [
      { command: "/usr/bin/wc", arguments: ["-c"], why },
      { command: executable, arguments: ["--version"], why },
    ],
    secrets: [{ name: ownSecret, why }],
  }),
  moreGrants: ({ port, folder, writable, otherSecret }) => ({
    net: [{ host: "127.0.0.1", port, why }],
    read: [{ path: folder, why }],
    write: [{ path: writable, why }],
    run: [
      { command: "/usr/bin/id", why },
      { command: "/usr/bin/wc", arguments: ["-l", "/etc/passwd"], why },
    ],
    env: [{ name: "ESCAPE_VARIABLE", why }],
    secrets: [{ name: otherSecret, why }],
  }),
  dependencies: { neighbour: "*" },
  attacks: [
    ...sharing(denied, {
      "fetch this machine, spelt in 19 ways": ({ port }, ctx) =>
        anyOf(at(SPELLINGS, port), (url) => ctx.fetch(url)),
      "follow a redirect to what was not granted": async ({ redirectPort }, ctx) => {
        const response = await ctx.fetch(`http://127.0.0.1:${redirectPort}/`);
        if ((await response.text()) !== "hello") throw new Error("another answer");
      },
      "connect by ctx.connect": async ({ port }, ctx) => {
        const connection = await ctx.connect({ host: "127.0.0.1", port });
        await connection.close();
      },
      "read a file by ctx.files": ({ file }, ctx) => ctx.files.read(file),
      "write a file by ctx.files": ({ writable }, ctx) => ctx.files.write(writable, "changed"),
      "list a folder by ctx.files": ({ folder }, ctx) => ctx.files.list(folder),
      "run a program": (_, ctx) => ctx.run("/usr/bin/id"),
      "run a granted program with other arguments": (_, ctx) => ctx.run("/usr/bin/wc", ["-l", "/etc/passwd"]),
      "read a variable of the server": (_, ctx) => ctx.env.get("ESCAPE_VARIABLE"),
      "read another plugin's secret": ({ otherSecret }, ctx) => ctx.secrets.get(otherSecret),
      "call a plugin that it does not depend on": (_, ctx) => ctx.plugins.execute("neighbour"),
    }),
    modest("fetch the cloud's metadata", ({ grantedPort, isModest }, ctx) =>
      anyOf(isModest ? at(["127.0.0.1"], grantedPort) : at(METADATA, 80), (url) => ctx.fetch(url)),
    ),
    ...Object.entries({
      "fetch a name that leads to metadata, then to this machine (DNS rebinding)": NAMES.rebinding,
      "fetch a name that leads to a public place and to this machine": NAMES.mixed,
      "fetch by a name an address that was granted by itself, at another port": NAMES.machine,
    }).map(
      ([title, host]): InsideAttack => ({
        ...modest(title, ({ port, isModest }, ctx) =>
          anyOf(at(againAndAgain(isModest ? NAMES.steady : host), port), (url) => ctx.fetch(url)),
        ),
        needsRoot: true,
      }),
    ),
    {
      ...modest("connect to a name that leads to metadata, then to this machine", ({ port, isModest }, ctx) =>
        anyOf(againAndAgain(isModest ? NAMES.steady : NAMES.rebinding), async (host) =>
          (await ctx.connect({ host, port })).close(),
        ),
      ),
      needsRoot: true,
    },
    {
      ...modest("tell by the time of a refusal which secrets there are", ({ otherSecret, isModest }, ctx) =>
        tellApart(
          () => refusalOf(ctx.secrets.get(otherSecret)),
          async () => {
            for (let time = 0; time < (isModest ? MODEST_TIMES : 1); time++)
              await refusalOf(ctx.secrets.get(otherSecret.replace(/.$/, "0")));
          },
        ),
      ),
      answers: ["no difference"],
    },
    modest(
      "fetch a file: URL",
      ({ grantedPort, isModest, file }, ctx) =>
        ctx.fetch(isModest ? `http://127.0.0.1:${grantedPort}/` : `file://${file}`),
      ["outbound_refused"],
      "failed call",
    ),
    modest(
      "fetch over a Unix socket",
      ({ grantedPort, isModest, socket }, ctx) =>
        ctx.fetch(isModest ? `http://127.0.0.1:${grantedPort}/` : `unix://${socket}`),
      ["outbound_refused"],
      "failed call",
    ),
    modest(
      "smuggle a request, or name a neighbour, by headers of ctx.fetch",
      ({ grantedPort, isModest }, ctx) =>
        anyOf(isModest ? [["x-a", "b"]] : HEADERS, ([name, value]) =>
          ctx.fetch(`http://127.0.0.1:${grantedPort}/`, { headers: { [name]: value } }),
        ),
      ["outbound_refused"],
      "failed call",
    ),
    modest("give a granted program one argument more", ({ isModest }, ctx) =>
      ctx.run("/usr/bin/wc", isModest ? ["-c"] : ["-c", "--files0-from=/etc/passwd"]),
    ),
    modest("run the server's executable, even granted", ({ executable, isModest }, ctx) =>
      isModest ? ctx.run("/usr/bin/wc", ["-c"]) : ctx.run(executable, ["--version"]),
    ),
    modest(
      "leave a granted folder by ..",
      ({ granted, isModest }, ctx) => ctx.files.read(isModest ? `${granted}/inside` : `${granted}/../file`),
      ["permission_denied", "invalid_request"],
      "failed call",
    ),
    modest(
      "leave a granted folder by a symbolic link",
      ({ granted, isModest }, ctx) => ctx.files.read(`${granted}/${isModest ? "inside" : "link"}`),
      ["permission_denied", "invalid_request", "plugin_file_failed"],
      "failed call",
    ),
    modest(
      "leave a granted folder by a linked folder",
      ({ granted, isModest }, ctx) =>
        ctx.files.read(isModest ? `${granted}/inside` : `${granted}/linked-folder/passwd`),
      ["permission_denied", "invalid_request", "plugin_file_failed"],
      "failed call",
    ),
    modest(
      "leave a granted folder by a hard link",
      ({ granted, isModest }, ctx) => ctx.files.read(`${granted}/${isModest ? "inside" : "hard-link"}`),
      ["permission_denied", "invalid_request", "plugin_file_failed"],
      "failed call",
    ),
    modest(
      "have the server wait at a FIFO in a granted folder",
      ({ granted, isModest }, ctx) => ctx.files.read(`${granted}/${isModest ? "inside" : "fifo"}`),
      ["invalid_request"],
      "failed call",
    ),
    {
      ...modest(
        "take the last files of a file system, empty ones",
        async ({ small, isModest }, ctx) => {
          for (let file = 0; file < (isModest ? 1 : MANY_FILES); file++)
            await ctx.files.write(`${small}/${file}`, "");
        },
        ["storage_full"],
        "failed call",
      ),
      needsRoot: true,
    },
    modest("leave a granted folder by /proc/self/root", ({ granted, isModest }, ctx) =>
      ctx.files.read(isModest ? `${granted}/inside` : "/proc/self/root/etc/passwd"),
    ),
    modest("read the server's database by ctx.files", ({ granted, stateFile, isModest }, ctx) =>
      ctx.files.read(isModest ? `${granted}/inside` : stateFile),
    ),
    modest(
      "read a path that hides its end behind a zero byte",
      ({ granted, file, isModest }, ctx) =>
        ctx.files.read(isModest ? `${granted}/inside` : `${file}\0${granted}/inside`),
      ["permission_denied", "invalid_request"],
      "failed call",
    ),
    modest(
      "speak under another plugin's event types",
      ({ isModest }, ctx) =>
        ctx.events.publish(
          isModest ? `plugin.${ctx.pluginId.replaceAll("-", "_")}.x` : "plugin.neighbour.forged",
          {},
        ),
      ["permission_denied"],
    ),
    modest(
      "speak under a type that stands for many",
      ({ isModest }, ctx) =>
        anyOf(isModest ? ["x"] : ["*", "x.*", "x\ny", "__proto__"], (word) =>
          ctx.events.publish(`plugin.${ctx.pluginId.replaceAll("-", "_")}.${word}`, {}),
        ),
      ["validation_failed"],
      "failed call",
    ),
    modest(
      "speak as the server",
      ({ isModest }, ctx) =>
        ctx.events.publish(
          isModest ? `plugin.${ctx.pluginId.replaceAll("-", "_")}.x` : "plugin.approved",
          {},
        ),
      ["permission_denied"],
    ),
  ],
};
