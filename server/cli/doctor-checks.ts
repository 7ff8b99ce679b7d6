import { existsSync, readFileSync, statSync } from "node:fs";
import { readConfiguration } from "../compose/configuration.ts";
import type { Configuration } from "../config/configuration.ts";
import {
  type DataFolderPaths,
  dataFolderPaths,
  freeSpace,
  MIN_FREE_BYTES,
  readKey,
} from "../database/data-folder.ts";
import { isInstanceLocked, readInstancePid } from "../database/instance-lock.ts";
import { BUILD } from "../lib/build-facts.ts";
import { systemClock } from "../lib/clock.ts";
import { formatBytes } from "../lib/quantities.ts";
import { collectors } from "../metrics/collect/collectors.ts";
import { probeSandbox } from "../plugins/jail/level.ts";
import { KeyStore } from "../secrets/key-store.ts";
import { findAuditKey } from "../secrets/keyring.ts";
import { chainKey } from "../security/audit-chain.ts";
import { AuditHead } from "../security/audit-head.ts";
import { AuditLog } from "../security/audit-log.ts";
import { AuditStore } from "../security/audit-store.ts";
import { checkCertificate } from "./certificate-check.ts";
import { type Check, failed, ok, skipped, type Verdict, warning } from "./diagnosis.ts";
import { checkDatabase, checkWatchedFiles, withReader } from "./doctor-storage.ts";
import { judgeUserRanges } from "./user-range-check.ts";

/** What is to be looked at. */
export interface DoctorOptions {
  dataFolder: string;
  configFile: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}

const OTHERS_BITS = 0o077;
const RESTORE = "restore the newest backup, or move the file away to begin anew";
/** For what is measured and collected: the state of the server does not hang on it. */
const BEGIN_ANEW = "move the file away while the server is stopped: it begins anew, without what is in it";

/** Every check there is, in the order they are shown. */
export function doctorChecks(options: DoctorOptions): readonly Check[] {
  const paths = dataFolderPaths(options.dataFolder);
  return [
    { name: "configuration", run: () => checkConfiguration(options) },
    { name: "data folder", run: () => checkFolder(paths) },
    { name: "key file", run: () => checkKey(paths, options.environment.BINNACLE_KEY !== undefined) },
    { name: "server", run: () => checkLock(paths) },
    { name: "state database", run: () => checkDatabase(paths.stateDatabase, { advice: RESTORE }) },
    { name: "samples database", run: () => checkDatabase(paths.samplesDatabase, { advice: BEGIN_ANEW }) },
    { name: "logs database", run: () => checkLogs(options, paths) },
    { name: "profiler database", run: () => checkDatabase(paths.profilerDatabase, { advice: BEGIN_ANEW }) },
    { name: "watched log files", run: () => checkWatchedFiles(settingsOf(options).logs.files) },
    { name: "audit log", run: () => checkAudit(paths, options.environment.BINNACLE_KEY) },
    { name: "recovery key", run: () => checkRecoveryKey(paths) },
    { name: "certificate", run: () => checkTls(options, paths) },
    { name: "sandbox", run: () => checkSandbox(options) },
    { name: "plugin users", run: checkPluginUsers },
    { name: "disk space", run: () => checkDisk(options, paths) },
    { name: "clock", run: checkClock },
    ...metricSources(),
  ];
}

function configurationOf({ configFile, ...rest }: DoctorOptions): Configuration {
  return readConfiguration({ ...rest, ...(configFile === undefined ? {} : { configFile }) });
}

const settingsOf = (options: DoctorOptions): Configuration["settings"] => configurationOf(options).settings;

function checkConfiguration(options: DoctorOptions): Verdict {
  const configuration = configurationOf(options);
  const changed = [...configuration.origins].filter(([, origin]) => origin !== "default");
  return ok(changed.length === 0 ? "all defaults" : `${changed.length} settings differ from the defaults`);
}

function checkFolder(paths: DataFolderPaths): Verdict {
  if (!existsSync(paths.root)) return skipped(`${paths.root} does not exist yet; the first start creates it`);
  const stat = statSync(paths.root);
  if (!stat.isDirectory())
    return failed(`${paths.root} is not a folder`, "move it away or choose another with --data");
  const mode = stat.mode & 0o777;
  if (mode & OTHERS_BITS) {
    return warning(`${paths.root} is open to others (${mode.toString(8)})`, `chmod 700 ${paths.root}`);
  }
  return ok(paths.root);
}

function checkKey(paths: DataFolderPaths, isInEnvironment: boolean): Verdict {
  if (isInEnvironment) return ok("from BINNACLE_KEY");
  if (!existsSync(paths.key)) {
    return existsSync(paths.stateDatabase)
      ? failed(
          `${paths.key} is missing`,
          "put it back, or set BINNACLE_KEY; without it the server does not start",
        )
      : skipped("the first start makes it");
  }
  const mode = statSync(paths.key).mode & 0o777;
  if (mode & OTHERS_BITS)
    return warning(`others can read ${paths.key} (${mode.toString(8)})`, `chmod 600 ${paths.key}`);
  return ok(paths.key);
}

function checkLock(paths: DataFolderPaths): Verdict {
  if (!isInstanceLocked(paths.lock)) return ok("not running");
  const pid = readInstancePid(paths.pid);
  return ok(pid === undefined ? "running" : `running as process ${pid}`);
}

function checkLogs(options: DoctorOptions, paths: DataFolderPaths): Promise<Verdict> {
  const budget = { bytes: settingsOf(options).logs.budgetBytes, setting: "logs.budgetBytes" };
  return checkDatabase(paths.logsDatabase, { advice: BEGIN_ANEW, budget });
}

async function checkAudit(paths: DataFolderPaths, keyText: string | undefined): Promise<Verdict> {
  const hasKey = keyText !== undefined || existsSync(paths.key);
  if (!existsSync(paths.stateDatabase) || !hasKey) return skipped("nothing to verify");
  const key = readKey(paths, keyText);
  return withReader(paths.stateDatabase, async (database) => {
    const chain = (await findAuditKey(new KeyStore(database), key)) ?? chainKey(key);
    const head = new AuditHead(paths.auditHead, chain, systemClock);
    const log = new AuditLog({
      database,
      store: new AuditStore(database),
      clock: systemClock,
      key: chain,
      head,
    });
    const damage = await log.verify();
    if (damage)
      return failed(`row ${damage.seq}: ${damage.reason}`, "somebody changed the audit log or its files");
    const { rows, checkpoint } = await log.state();
    const before = checkpoint ? `, ${checkpoint.seq} removed before them and signed for` : "";
    return ok(`the chain of ${rows} rows holds${before}`);
  });
}

/** Whoever loses key file and recovery key loses every secret. */
async function checkRecoveryKey(paths: DataFolderPaths): Promise<Verdict> {
  if (!existsSync(paths.stateDatabase)) return skipped("the first start makes the keys");
  const recovery = await withReader(paths.stateDatabase, async (database) => {
    const store = new KeyStore(database);
    return (await store.exists()) ? store.findRecovery() : undefined;
  });
  if (!recovery) return warning("none was made", "binnacle secret recovery-key shows one to keep elsewhere");
  if (recovery.confirmedAt === null) {
    return warning(
      "nobody has confirmed that it is kept safely",
      "binnacle secret recovery-key --confirm XXXX, with its last four characters",
    );
  }
  return ok(`kept safely since ${new Date(recovery.confirmedAt).toISOString().slice(0, 10)}`);
}

function checkTls({ configFile, ...rest }: DoctorOptions, { certificates }: DataFolderPaths): Verdict {
  const { settings } = readConfiguration({ ...rest, ...(configFile === undefined ? {} : { configFile }) });
  return checkCertificate(settings.server.tls, certificates, systemClock.now());
}

/** What this machine, for whoever runs this, can hold plugins with. */
function checkSandbox(options: DoctorOptions): Verdict {
  const settings = settingsOf(options);
  if (!settings.features.plugins) return skipped("plugins are switched off");
  const { level, landlockAbi, missing } = probeSandbox();
  const lacking = missing.length > 0 ? `. ${missing.join(" ")}` : "";
  const detail = `level ${level}, Landlock ABI ${landlockAbi}${lacking}`;
  if (level === "full" || level === "strong") return ok(detail);
  return settings.plugins.sandbox === "required"
    ? failed(detail, "plugins that did not come with Binnacle do not start here; see docs/sandbox.md")
    : warning(detail, "plugins run in processes of their own and are not held by the kernel");
}

/** On Linux; nowhere else does a plugin get a user of its own. */
function checkPluginUsers(): Verdict {
  if (process.platform !== "linux") return skipped("this system has no users for plugins");
  const maps = ["/proc/self/uid_map", "/proc/self/gid_map"].map((path) => readFileSync(path, "latin1"));
  return judgeUserRanges(maps, process.geteuid?.() === 0);
}

function checkDisk(options: DoctorOptions, paths: DataFolderPaths): Verdict {
  const { minFreePercent } = settingsOf(options).storage;
  return judgeDisk(freeSpace(existsSync(paths.root) ? paths.root : "."), minFreePercent);
}

/** Whether there is room: to start at all, and to go on writing samples. */
export function judgeDisk(
  { freeBytes, totalBytes }: Pick<ReturnType<typeof freeSpace>, "freeBytes" | "totalBytes">,
  minFreePercent: number,
): Verdict {
  const percent = (freeBytes / totalBytes) * 100;
  const detail = `${formatBytes(freeBytes)} free (${percent.toFixed(0)} %)`;
  if (freeBytes < MIN_FREE_BYTES) {
    return failed(detail, `free some space: below ${formatBytes(MIN_FREE_BYTES)} the server does not start`);
  }
  return percent < minFreePercent
    ? warning(detail, `below ${minFreePercent} % no samples are written (storage.minFreePercent)`)
    : ok(detail);
}

/** A clock before the build is certainly wrong; sessions, tokens and samples all hang on it. */
function checkClock(): Verdict {
  const now = systemClock.now();
  const text = new Date(now).toISOString();
  if (BUILD.builtAt !== "" && now < Date.parse(BUILD.builtAt)) {
    return failed(
      `${text} is before this Binnacle was built (${BUILD.builtAt})`,
      "set the clock of this machine",
    );
  }
  return ok(text);
}

function metricSources(): Check[] {
  const machine = collectors({ clock: systemClock, statistics: { read: () => ({}) } });
  const sources = machine.availability();
  machine.close();
  return sources.map(({ name, source, reason }) => ({
    name: `metrics: ${name}`,
    run: () => {
      if (source === "procfs") return ok("from /proc");
      if (source === "unavailable") return skipped(`not here: ${reason ?? "no source"}`);
      return warning(
        `from node:os (${reason ?? "second choice"})`,
        "some figures are coarser on this system",
      );
    },
  }));
}
