import { mkdirSync, renameSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";
import { $ } from "bun";
import packageJson from "./package.json" with { type: "json" };
import { type Asset, loadAssets } from "./server/http/assets.ts";
import { bundledModule, readBundledFolder } from "./server/plugins/discovery/bundled-folder.ts";

/*
 * Makes dist/binnacle: dashboard → compressed variants → one executable → smoke run.
 *
 *   bun build.ts [--when-stale] [--target linux-arm64] [--outfile FILE]
 */

const ROOT = import.meta.dirname;
const DIST = join(ROOT, "dist");
const SOURCES = "{server,web,schema,plugins}/**/*";
const SINGLE_SOURCES = ["build.ts", "package.json", "bun.lock", "tsconfig.json"];
/** A variant that saves less than this is not worth a place in the binary. */
const MIN_SAVING = 0.05;
/**
 * Above this (the API viewers) one compressed form must do: the others would weigh 7 MB, and Brotli's highest level takes
 * a minute for 5 % less. Every browser that the dashboard supports reads Zstandard.
 */
const ONE_FORM_BYTES = 256 * 1024;
const SMOKE_TIMEOUT_MS = 20_000;

/** Levels are the highest: this is paid once, at build time. */
const ENCODERS = {
  br: (bytes: Uint8Array) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  zstd: (bytes: Uint8Array) =>
    promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
} as const;

const { values: flags } = parseArgs({
  options: {
    "when-stale": { type: "boolean", default: false },
    target: { type: "string" },
    outfile: { type: "string" },
  },
});

const outfile = resolve(flags.outfile ?? join(DIST, flags.target ? `binnacle-${flags.target}` : "binnacle"));
const stampFile = `${outfile}.inputs`;
const stamp = await stampOfInputs();

async function build(): Promise<void> {
  const startedAt = performance.now();
  rmSync(stampFile, { force: true });
  mkdirSync(DIST, { recursive: true });
  console.log("Building Binnacle");
  const assets = await step("dashboard", buildWeb);
  const executable = await step("executable", () => compile(assets));
  if (flags.target === undefined) await step("smoke run", () => smokeRun(executable));
  renameSync(executable, outfile);
  await Bun.write(stampFile, stamp);
  const sizeMb = (Bun.file(outfile).size / 1e6).toFixed(1);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${relative(process.cwd(), outfile)}: ${sizeMb} MB in ${seconds} s`);
}

async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await run();
  console.log(`  ${name} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

/** Everything the binary is made of, as one hash: sources, versions of the tools, target. */
async function stampOfInputs(): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256").update(`${Bun.version} ${flags.target ?? ""}`);
  const paths = [...new Bun.Glob(SOURCES).scanSync({ cwd: ROOT, dot: true }), ...SINGLE_SOURCES].sort();
  for (const path of paths) hasher.update(`\n${path}\n`).update(await Bun.file(join(ROOT, path)).bytes());
  return hasher.digest("hex");
}

async function isCurrent(): Promise<boolean> {
  const [file, stampedFile] = [Bun.file(outfile), Bun.file(stampFile)];
  return (await file.exists()) && (await stampedFile.exists()) && (await stampedFile.text()) === stamp;
}

async function buildWeb(): Promise<ReadonlyMap<string, Asset>> {
  const { build: viteBuild } = await import("vite");
  await viteBuild({ configFile: join(ROOT, "web/vite.config.ts"), logLevel: "warn" });
  const assets = [...(await loadAssets())];
  return new Map(
    await Promise.all(assets.map(async ([path, asset]) => [path, await compressed(asset)] as const)),
  );
}

/** Adds the forms that save enough. They are kept by content, so that an unchanged file is compressed once. */
async function compressed(asset: Asset): Promise<Asset> {
  const bytes = await Bun.file(asset.variants.identity).bytes();
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const variants: Record<string, string> & { identity: string } = { identity: asset.variants.identity };
  for (const [encoding, encode] of Object.entries(ENCODERS)) {
    if (bytes.length > ONE_FORM_BYTES && encoding !== "zstd") continue;
    const file = Bun.file(join(DIST, "compressed", `${hash}.${encoding}`));
    if (!(await file.exists())) await Bun.write(file, await encode(bytes));
    if (file.size < bytes.length * (1 - MIN_SAVING))
      variants[encoding] = join(DIST, "compressed", `${hash}.${encoding}`);
  }
  return { ...asset, variants };
}

/** The source of the module that stands in for server/http/assets.ts: each file embedded, each path to it resolved. */
function embeddedModule(assets: ReadonlyMap<string, Asset>): string {
  const imports: string[] = [];
  const embed = (file: string): string => {
    imports.push(`import f${imports.length} from ${JSON.stringify(file)} with { type: "file" };`);
    return `f${imports.length - 1}`;
  };
  const entries = [...assets].map(([path, { type, etag, variants }]) => {
    const files = Object.entries(variants).map(([encoding, file]) => `${encoding}: ${embed(file)}`);
    return `[${JSON.stringify(path)}, ${JSON.stringify({ type, etag }).slice(0, -1)}, variants: { ${files.join(", ")} } }],`;
  });
  return `${imports.join("\n")}
const assets = new Map([
${entries.join("\n")}
]);
export const loadAssets = async () => assets;
`;
}

async function compile(assets: ReadonlyMap<string, Asset>): Promise<string> {
  const partial = `${outfile}.partial`;
  const commit = await currentCommit();
  const define = {
    BINNACLE_VERSION: packageJson.version,
    BINNACLE_COMMIT: commit,
    BINNACLE_BUILT_AT: new Date().toISOString(),
    "process.env.NODE_ENV": "production",
  };
  await Bun.build({
    entrypoints: [join(ROOT, "server/main.ts"), ...workerEntryPoints()],
    target: "bun",
    format: "esm",
    // Identifiers stay: Elysia knows a failed conversion by the name of the error's class, and lets the value pass otherwise.
    minify: { whitespace: true, syntax: true },
    bytecode: true,
    // Chunks of their own keep what a command does not need unread: `--version` costs a third.
    splitting: true,
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)])),
    plugins: [
      { name: "embedded-assets", setup: (builder) => replaceAssets(builder, assets) },
      { name: "bundled-plugins", setup: replaceBundledFiles },
    ],
    compile: {
      outfile: partial,
      ...(flags.target === undefined ? {} : { target: `bun-${flags.target}` as Bun.Build.CompileTarget }),
      // A foreign working directory has no say in what runs.
      autoloadBunfig: false,
      autoloadDotenv: false,
      autoloadPackageJson: false,
      autoloadTsconfig: false,
    },
  });
  return partial;
}

function replaceAssets(builder: Bun.PluginBuilder, assets: ReadonlyMap<string, Asset>): void {
  builder.onLoad({ filter: /server[/\\]http[/\\]assets\.ts$/ }, () => ({
    contents: embeddedModule(assets),
    loader: "ts",
  }));
}

/** The plugins that ship with Binnacle: their files are pinned inside the binary. */
function replaceBundledFiles(builder: Bun.PluginBuilder): void {
  builder.onLoad({ filter: /discovery[/\\]bundled-files\.ts$/ }, async () => ({
    contents: bundledModule(await readBundledFolder(join(ROOT, "plugins"))),
    loader: "js",
  }));
}

/** A worker is a program of its own and must be an entry point of the build. */
function workerEntryPoints(): string[] {
  return [...new Bun.Glob("server/**/*worker.ts").scanSync({ cwd: ROOT, absolute: true })].sort();
}

/** Abbreviated commit with a `+` for uncommitted changes; empty outside a repository. */
async function currentCommit(): Promise<string> {
  const head = await $`git rev-parse --short=12 HEAD`.cwd(ROOT).quiet().nothrow();
  if (head.exitCode !== 0) return "";
  const changes = await $`git status --porcelain --untracked-files=no`.cwd(ROOT).quiet().nothrow();
  return head.text().trim() + (changes.text().trim() ? "+" : "");
}

/** The binary must say its version, and serve, before it may take the place of the last good one. */
async function smokeRun(executable: string): Promise<void> {
  const version = await $`${executable} --version`.quiet();
  if (!version.text().startsWith(`binnacle ${packageJson.version}`)) {
    throw new Error(`The built binary does not know its version: ${version.text()}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "binnacle-smoke-"));
  const server = Bun.spawn([executable, "serve", "--port", "0", "--data", join(folder, "data")], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "" },
    stdout: "pipe",
    stderr: "pipe",
    timeout: SMOKE_TIMEOUT_MS,
  });
  const log = new Response(server.stderr).text();
  try {
    const address = await firstAddress(server.stdout);
    const health = await fetch(`${address}/api/health`);
    if (!health.ok) throw new Error(`The built binary is not healthy: ${health.status}`);
    server.kill("SIGTERM");
    if ((await server.exited) !== 0) throw new Error(`The built binary did not end well: ${server.exitCode}`);
  } catch (error) {
    server.kill("SIGKILL");
    console.error(await log);
    throw error;
  } finally {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstAddress(output: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    const address = /http:\/\/[^\s/]+(?=\/)/.exec(text)?.[0];
    if (address) return address;
  }
  throw new Error(`The built binary ended before it served: ${text}`);
}

if (!(flags["when-stale"] && (await isCurrent()))) await build();
