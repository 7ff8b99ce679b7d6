import { describe, expect, test } from "bun:test";
import { basename, join } from "node:path";
import { filesUnder, findCycle, type Import, importsOf } from "./support/imports.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * The one table of who may import whom, the innermost ring first: a file imports from lower rings only. Inside its
 * own folder it is free; towards another folder of its own ring it may take types.
 */
const RINGS: readonly (readonly string[])[] = [
  ["schema", "server/lib", "plugins/sdk"],
  ["server/errors"],
  ["server/config"],
  ["server/database"],
  ["server/events", "server/outbox", "server/logs", "server/otlp", "server/cache", "server/outbound"],
  ["server/security", "server/secrets", "server/scheduler", "server/queries", "server/registry"],
  [
    "server/settings",
    "server/incidents",
    "server/system",
    "server/metrics",
    "server/alerts",
    "server/checks",
    "server/webhooks",
    "server/backups",
    "server/recovery",
    "server/profiler",
    "server/upstreams",
    "server/llm",
    "server/plugins",
    "server/certificates",
  ],
  ["server/http"],
  ["server/compose", "server/compose.ts", "server/app.ts", "server/graph.ts", "server/cli", "server/main.ts"],
];
/** A feature's edge stands in the ring of http, whatever folder it lies in. */
const EDGE_FILES = new Set(["rest.ts", "graphql.ts", "socket.ts"]);
const EDGE_RING = RINGS.findIndex((ring) => ring.includes("server/http"));
const OUTERMOST = RINGS.length - 1;

/** What a feature's edge may take from http. */
const EDGE_IMPORTS = new Set([
  "server/http/guard.ts",
  "server/http/graphql-types.ts",
  "server/http/socket.ts",
]);
/** What models are made with: it refuses as Elysia does. */
const SHAPE_OF_MODELS = "server/lib/integer-parameter.ts";
const FORBIDDEN_NAMES = /^(utils?|helpers?|common|misc|shared-utils|stuff|info|manager)(-|\.|$)/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.[a-z]+$/;

const serverFiles = filesUnder(ROOT, "server/**/*.ts");
const schemaFiles = filesUnder(ROOT, "schema/**/*.ts");
const webFiles = filesUnder(ROOT, "web/**/*.ts");
const imports = [...serverFiles, ...schemaFiles, ...webFiles].flatMap((file) => importsOf(ROOT, file));
const ours = imports.filter((one) => !one.isPackage);

describe("imports run downhill", () => {
  test("every folder of server/ has its place in the table", () => {
    expect(serverFiles.filter((file) => ringOf(file) === undefined)).toEqual([]);
  });

  test("a file imports from lower rings, its own folder, or types of its own ring", () => {
    expect(lines(ours.filter((one) => one.from.startsWith("server/") && !isDownhill(one)))).toEqual([]);
  });

  test("schema/ imports nothing of the rest", () => {
    const outward = ours.filter((one) => one.from.startsWith("schema/") && !one.to.startsWith("schema/"));
    expect(lines(outward)).toEqual([]);
  });

  test("no file imports itself by a detour", () => {
    const edges = new Map<string, string[]>();
    for (const { from, to, isTypeOnly } of ours) {
      if (!isTypeOnly) edges.set(from, [...(edges.get(from) ?? []), to]);
    }
    expect(findCycle(edges)).toBeUndefined();
  });

  test("main.ts evaluates nothing but the facts of the build before it has chosen a program", () => {
    const statically = importsOf(ROOT, "server/main.ts").filter((one) => one.names.length > 0);
    expect(statically.map((one) => one.to)).toEqual(["server/lib/build-facts.ts"]);
  });
});

describe("file roles", () => {
  test("only stores and database/ speak SQL", () => {
    const isStore = (file: string) =>
      file.startsWith("server/database/") || /(^|[/-])store\.ts$|\/store\//.test(file);
    const operators = imports.filter(
      (one) => one.from.startsWith("server/") && one.to.startsWith("drizzle-orm") && !one.isTypeOnly,
    );
    expect(lines(operators.filter((one) => !isStore(one.from)))).toEqual([]);
  });

  test("only the edge knows elysia and graphql", () => {
    const isEdge = (file: string) =>
      file.startsWith("server/http/") ||
      file === "server/app.ts" ||
      EDGE_FILES.has(basename(file)) ||
      basename(file) === "model.ts" ||
      file === SHAPE_OF_MODELS;
    const frameworks = imports.filter((one) => /^(elysia|graphql|@elysiajs|@pothos|graphql-)/.test(one.to));
    expect(lines(frameworks.filter((one) => one.from.startsWith("server/") && !isEdge(one.from)))).toEqual(
      [],
    );
  });
});

describe("web/", () => {
  test("takes nothing from server/, and values of schema/ only from schema/rules", () => {
    const outward = ours.filter((one) => one.from.startsWith("web/") && !one.to.startsWith("web/"));
    const isAllowed = ({ to, isTypeOnly }: Import) =>
      to.startsWith("schema/rules/") || (to.startsWith("schema/") && isTypeOnly);
    expect(lines(outward.filter((one) => !isAllowed(one)))).toEqual([]);
  });

  test("a page never imports another page", () => {
    const page = (file: string) => /^web\/pages\/([^/]+)\//.exec(file)?.[1];
    const crossing = ours.filter((one) => page(one.from) && page(one.to) && page(one.from) !== page(one.to));
    expect(lines(crossing)).toEqual([]);
  });

  test("components know neither pages, nor the shell, nor the server", () => {
    const upward = ours.filter(
      (one) =>
        one.from.startsWith("web/components/") &&
        /^web\/(pages|shell|data)\//.test(one.to) &&
        !one.isTypeOnly,
    );
    expect(lines(upward)).toEqual([]);
  });

  test("only web/data talks to the server", async () => {
    const talking: string[] = [];
    for (const file of webFiles.filter((file) => !/^web\/(data\/|vite\.config)/.test(file))) {
      const text = await Bun.file(join(ROOT, file)).text();
      if (/\bfetch\(|new (WebSocket|EventSource|XMLHttpRequest)\b/.test(text)) talking.push(file);
    }
    expect(talking).toEqual([]);
  });
});

describe("names", () => {
  const everyFile = [...serverFiles, ...schemaFiles, ...webFiles, ...filesUnder(ROOT, "test/**/*.ts")];

  test("files are in kebab-case", () => {
    expect(everyFile.filter((file) => !KEBAB_CASE.test(basename(file)))).toEqual([]);
  });

  test("no file or folder is a drawer for everything", () => {
    expect(everyFile.filter((file) => file.split("/").some((part) => FORBIDDEN_NAMES.test(part)))).toEqual(
      [],
    );
  });

  test("an element file bn-noun.ts defines <bn-noun>", async () => {
    const wrong: string[] = [];
    for (const file of webFiles.filter((file) => basename(file).startsWith("bn-"))) {
      const tag = basename(file, ".ts");
      if (!(await Bun.file(join(ROOT, file)).text()).includes(`"${tag}"`)) wrong.push(file);
    }
    expect(wrong).toEqual([]);
  });
});

function ringOf(file: string): number | undefined {
  if (file.startsWith("server/") && EDGE_FILES.has(basename(file))) return EDGE_RING;
  const ring = RINGS.findIndex((members) => members.some((member) => isWithin(file, member)));
  return ring < 0 ? undefined : ring;
}

function isDownhill({ from, to, isTypeOnly }: Import): boolean {
  const [upper, lower] = [ringOf(from), ringOf(to)];
  if (upper === undefined || lower === undefined) return false;
  if (lower < upper || upper === OUTERMOST || folderOf(from) === folderOf(to)) return true;
  if (lower > upper) return false;
  return isTypeOnly || EDGE_IMPORTS.has(to);
}

const isWithin = (file: string, member: string): boolean => file === member || file.startsWith(`${member}/`);

/** `server/metrics/chunks/chunk.ts` lies in `server/metrics`. */
const folderOf = (file: string): string => file.split("/").slice(0, 2).join("/");

const lines = (found: readonly Import[]): string[] => [
  ...new Set(found.map(({ from, to }) => `${from} → ${to}`)),
];
